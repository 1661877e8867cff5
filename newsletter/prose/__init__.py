"""What people write about dates, hours, prices and places, read from their prose. Pure, standard library only."""
