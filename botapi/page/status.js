// What the page says, and what it greys out.

// say tells something that has happened, to a screen reader too.
function say(text) {
	element("status").textContent = text;
}

// note is what holds for one card until further notice; "" takes it away.
function note(card, text) {
	const place = element(card).querySelector(".note");
	place.textContent = text;
	place.hidden = text === "";
}

// refused tells why something on a card did not happen. If it would not happen the next time either, the controls that
// asked for it are greyed out: a robot that is asked again and again by those who may not is no better for it.
function refused(error, card, controls, label = "") {
	if (!(error instanceof Refused)) {
		throw error;
	}
	if (!error.lasting) {
		say(error.message);
		return;
	}
	if (error.status === 401) {
		signedOut(error.message);
		greyOut(controls, element("signed-out").querySelector("a"));
		return;
	}
	say(error.message);
	note(card, (label && label + ": ") + error.message);
	greyOut(controls, element(card).querySelector(".note"));
}

// greyOut moves the focus on to where it says why, or it were lost and a keyboard would begin at the top.
function greyOut(controls, why) {
	for (const control of controls) {
		if (control === document.activeElement) {
			why.focus();
		}
		if ("disabled" in control) {
			control.disabled = true;
		} else {
			control.setAttribute("aria-disabled", "true");
			control.removeAttribute("tabindex");
		}
	}
}

const isGrey = (control) => control.disabled || control.getAttribute("aria-disabled") === "true";

// controlsOf are all controls of a card but Stop: who is refused that must be able to try again.
const controlsOf = (card) => [...element(card).querySelectorAll("button:not(#stop), input, [role=application], #wheel")];

function signedOut(text) {
	const banner = element("signed-out");
	if (banner.hidden) { // said once, or it were read out for each card
		banner.querySelector("p").textContent = text;
		banner.hidden = false;
	}
}

element("signed-out").querySelector("a").addEventListener("click", (event) => {
	event.preventDefault();
	location.reload();
});
