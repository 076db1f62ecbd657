// The door.

const door = new Mover({
	send: (turn) => ask("api/door/" + turn, "POST"),
	show: showDoor,
	// Somebody who hands out scopes has one for each of both, so each is greyed out alone.
	failed: (error, turn) => refused(error, "door", [element(turn)], element(turn).textContent),
});

function showDoor({ locked }) {
	const word = locked ? "Locked" : "Unlocked";
	const before = element("door-state").textContent;
	element("door-state").textContent = word;
	element("door").dataset.locked = locked;
	if (before !== word && before !== "…") {
		say(`The door is ${word.toLowerCase()}.`);
	}
}

for (const turn of ["lock", "unlock"]) {
	element(turn).addEventListener("click", () => door.move(turn));
}
