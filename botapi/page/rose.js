// The rose: a wheel for fingers, sliders for keys, a field for those who know the colour.

let bloom = { hue: 0, saturation: 0, brightness: 0 }; // what the sliders say; more than red, green and blue can hold

const rose = new Mover({
	send: (colour) => ask("api/rose", "PUT", colour),
	show: (colour) => {
		if (!same(toRGB(bloom), colour)) {
			bloom = toHSB(colour, bloom);
		}
		showRose(colour);
	},
	failed: (error) => refused(error, "rose", controlsOf("rose")),
});

function showRose(colour) {
	for (const [part, unit] of [["hue", "°"], ["saturation", " %"], ["brightness", " %"]]) {
		const slider = element(part), text = Math.round(bloom[part]) + unit;
		slider.value = Math.round(bloom[part]);
		slider.setAttribute("aria-valuetext", text);
		slider.parentElement.querySelector("output").value = text;
	}
	element("colour").value = toHex(colour);
	const turn = bloom.hue / 180 * Math.PI, reach = bloom.saturation / 2;
	const place = element("rose").style; // set by script, which a Content-Security-Policy lets pass
	place.setProperty("--x", 50 + Math.sin(turn) * reach + "%");
	place.setProperty("--y", 50 - Math.cos(turn) * reach + "%");
	place.setProperty("--colour", toHex(colour));
	place.setProperty("--glow", bloom.brightness / 100);
}

// paint shows a wish at once, and asks for it.
function paint(wish) {
	bloom = { ...bloom, ...wish };
	const colour = toRGB(bloom);
	showRose(colour);
	rose.move(colour);
}

for (const part of ["hue", "saturation", "brightness"]) {
	element(part).addEventListener("input", (event) => {
		const wish = { [part]: Number(event.target.value) };
		if (part !== "brightness" && bloom.brightness === 0) {
			wish.brightness = 100; // or nothing would be seen to happen
		}
		paint(wish);
	});
}
element("colour").addEventListener("input", (event) => paint(toHSB(fromHex(event.target.value), bloom)));
element("dark").addEventListener("click", () => paint({ brightness: 0 }));

function pick(event) {
	const wheel = element("wheel");
	if (isGrey(wheel) || !wheel.hasPointerCapture(event.pointerId)) {
		return;
	}
	const box = wheel.getBoundingClientRect();
	const x = (event.clientX - box.left) / box.width * 2 - 1, y = (event.clientY - box.top) / box.height * 2 - 1;
	paint({
		hue: (Math.atan2(x, -y) / Math.PI * 180 + 360) % 360,
		saturation: Math.min(1, Math.hypot(x, y)) * 100,
		brightness: bloom.brightness || 100,
	});
}

element("wheel").addEventListener("pointerdown", (event) => {
	event.currentTarget.setPointerCapture(event.pointerId);
	pick(event);
});
element("wheel").addEventListener("pointermove", pick);
