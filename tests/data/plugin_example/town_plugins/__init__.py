"""What the newsletter of a town needs beside what every newsletter has."""
