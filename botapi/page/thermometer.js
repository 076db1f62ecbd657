// The thermometer: the last two minutes as a line.

const kept = 120; // readings, one each second
const readings = [];
let silence = 0;

function showReading({ celsius }) {
	readings.push(celsius);
	readings.splice(0, readings.length - kept);
	element("celsius").textContent = celsius.toFixed(1) + " °C";
	element("thermometer").classList.remove("stale");
	clearTimeout(silence);
	silence = setTimeout(() => element("thermometer").classList.add("stale"), 5000);
	drawReadings();
}

function drawReadings() {
	let low = Math.min(...readings), high = Math.max(...readings);
	const now = readings.at(-1);
	element("chart").setAttribute("aria-label", `${now} degrees; between ${low} and ${high} in the last ${readings.length} readings`);
	const spare = Math.max(0, 2 - (high - low)) / 2; // half a degree is the sensor's step, and no mountain
	low -= spare;
	high += spare;
	const points = readings.map((celsius, i) => {
		const x = kept - readings.length + i, y = 99 - (celsius - low) / (high - low) * 98;
		return `${x},${y.toFixed(1)}`;
	});
	if (points.length === 1) {
		points.unshift(points[0].replace(/^\d+/, (x) => x - 1)); // one point is no line
	}
	element("readings").setAttribute("points", points.join(" "));
	element("warmest").textContent = high.toFixed(1) + "°";
	element("coldest").textContent = low.toFixed(1) + "°";
}
