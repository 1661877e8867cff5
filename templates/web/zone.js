// Adds the reader's own time to every hour whose time zone is known. The page is complete without it.
document.querySelectorAll("time[data-zone]").forEach(function (element) {
  var moment = new Date(element.dateTime);
  var language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  if (isNaN(moment)) return;
  var hour = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (element.textContent.startsWith(hour)) return;
  var day = moment.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long" });
  var note = document.createElement("span");
  note.className = "here";
  note.textContent = " (" + day + ", " + hour + " where you are)";
  element.after(note);
});
