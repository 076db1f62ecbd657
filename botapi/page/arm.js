// The arm: a slider for each joint that the robot says it has.

const joints = new Map(); // their Movers, by name

// moverOf is the Mover of a joint, with its slider when it is told of for the first time.
function moverOf(joint) {
	if (!joints.has(joint.name)) {
		joints.set(joint.name, newJoint(joint));
	}
	return joints.get(joint.name);
}

function newJoint({ name, min, max }) {
	const label = document.createElement("label"), title = document.createElement("span");
	const shown = document.createElement("output"), slider = document.createElement("input");
	label.className = "slider";
	title.textContent = name[0].toUpperCase() + name.slice(1);
	slider.id = "joint-" + name;
	shown.htmlFor.add(slider.id);
	Object.assign(slider, { type: "range", min, max, step: 1 });
	label.append(title, shown, slider);
	element("joints").append(label);

	const show = (angle) => {
		slider.value = angle;
		slider.setAttribute("aria-valuetext", angle + " degrees");
		shown.value = angle + "°";
		element("drawing").style.setProperty("--" + name, angle); // it knows base, shoulder and grip
	};
	const joint = new Mover({
		send: (angle) => ask("api/arm/joints/" + encodeURIComponent(name), "PUT", { angle }),
		show: ({ angle }) => show(angle),
		failed: (error) => refused(error, "arm", [slider], title.textContent),
	});
	slider.addEventListener("input", () => {
		show(slider.valueAsNumber);
		joint.move(slider.valueAsNumber);
	});
	return joint;
}
