package main

import (
	"math"
	"math/rand/v2"
)

// negativeBinomial draws a count of a mean whose variance is dispersion times
// that mean: a Poisson count with a gamma rate.
func negativeBinomial(rng *rand.Rand, mean, dispersion float64) int {
	if dispersion > 1 {
		mean = gamma(rng, mean/(dispersion-1)) * (dispersion - 1)
	}
	return poisson(rng, mean)
}

// poisson draws by Knuth's product of uniforms, in parts whose exponential does
// not underflow.
func poisson(rng *rand.Rand, mean float64) int {
	const part = 500
	n := 0
	for ; mean > part; mean -= part {
		n += knuth(rng, part)
	}
	return n + knuth(rng, mean)
}

func knuth(rng *rand.Rand, mean float64) int {
	limit, n := math.Exp(-mean), 0
	for p := rng.Float64(); p > limit; p *= rng.Float64() {
		n++
	}
	return n
}

// gamma draws after Marsaglia and Tsang (2000), of scale 1.
func gamma(rng *rand.Rand, shape float64) float64 {
	boost := 1.0
	if shape < 1 {
		boost = math.Pow(rng.Float64(), 1/shape)
		shape++
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		if math.Log(rng.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return boost * d * v
		}
	}
}
