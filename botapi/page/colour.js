// Colours: the robot has red, green and blue from 0 to 255; people have hue (0 to 360), saturation and brightness (0 to 100).

function toRGB({ hue, saturation, brightness }) {
	const part = (n) => {
		const k = (n + hue / 60) % 6;
		const share = 1 - saturation / 100 * Math.max(0, Math.min(k, 4 - k, 1));
		return Math.round(255 * brightness / 100 * share);
	};
	return { red: part(5), green: part(3), blue: part(1) };
}

// toHSB keeps of before what a colour does not say: black has no saturation, grey has no hue.
function toHSB({ red, green, blue }, before) {
	const most = Math.max(red, green, blue), spread = most - Math.min(red, green, blue);
	const brightness = most / 255 * 100;
	const saturation = most === 0 ? before.saturation : spread / most * 100;
	let hue = before.hue;
	if (spread > 0) {
		const turn = most === red ? (green - blue) / spread : most === green ? 2 + (blue - red) / spread : 4 + (red - green) / spread;
		hue = (turn * 60 + 360) % 360;
	}
	return { hue, saturation, brightness };
}

const same = (a, b) => a.red === b.red && a.green === b.green && a.blue === b.blue;

const toHex = ({ red, green, blue }) => "#" + [red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("");

const fromHex = (text) => {
	const [red, green, blue] = [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
	return { red, green, blue };
};
