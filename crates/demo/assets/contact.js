// Shows what changes while the page is open, and saves without leaving it.
"use strict";

const record = document.querySelector("[data-contact]");
const address = "/contacts/" + record.dataset.contact;
const history = document.getElementById("history");
const saying = document.getElementById("saying");

const feed = new EventSource(address + "/events");
feed.addEventListener("changed", (event) => {
  const note = JSON.parse(event.data);
  const line = document.createElement("li");
  const when = document.createElement("time");
  when.dateTime = note.at;
  when.textContent = "just now";
  line.append(when, " " + note.text, " ");
  const by = document.createElement("span");
  by.className = "quiet";
  by.textContent = note.by;
  line.append(by);
  history.prepend(line);
});

document.getElementById("edit").addEventListener("submit", async (event) => {
  event.preventDefault();
  const phone = event.target.elements.phone.value;
  try {
    const answer = await fetch(address, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ phone }),
    });
    if (answer.ok) document.getElementById("known").textContent = phone;
    saying.textContent = answer.ok ? "Saved." : "Not saved: answered " + answer.status + ".";
  } catch {
    saying.textContent = "Not saved: no connection.";
  }
});
