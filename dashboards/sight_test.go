package dashboards

import "math"

// matrix turns linear red, green and blue into what is seen.
type matrix [3][3]float64

// sights are full dichromacies, as Machado, Oliveira and Fernandes modelled them
// in 2009.
var sights = map[string]matrix{
	"full sight":   {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// seen is a colour in the space of CIELAB, in which distances are even to the
// eye.
func seen(hex string, m matrix) [3]float64 {
	var linear [3]float64
	for i, c := range channels(hex) {
		linear[i] = c / 12.92
		if c > 0.04045 {
			linear[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	rgb := m.times(linear)
	for i := range rgb {
		rgb[i] = min(1, max(0, rgb[i]))
	}
	xyz := matrix{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}.times(rgb)
	x, y, z := root(xyz[0]/0.95047), root(xyz[1]), root(xyz[2]/1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func (m matrix) times(v [3]float64) (out [3]float64) {
	for i := range m {
		for j := range v {
			out[i] += m[i][j] * v[j]
		}
	}
	return out
}

func root(t float64) float64 {
	if t > 0.008856 {
		return math.Cbrt(t)
	}
	return 7.787*t + 16.0/116
}

func distance(a, b [3]float64) float64 {
	return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
}
