package detect

// Noise is how much more reports scatter than a Poisson count of a known rate.
type Noise struct {
	Dispersion, DispersionWeight float64 // variance over mean: reports come in clusters
	Drift, DriftWeight           float64 // relative variance of the rate itself, over hours
}

func newNoise() Noise {
	return Noise{Dispersion: 1.5, DispersionWeight: 50, Drift: 0.05, DriftWeight: 24}
}

// learnDispersion compares two neighbouring counts of equal length.
func (n *Noise) learnDispersion(a, b float64) {
	if a+b > 0 {
		blend(&n.Dispersion, &n.DispersionWeight, min((a-b)*(a-b)/(a+b), 10), 500)
	}
}

// learnDrift compares a count with what was expected.
func (n *Noise) learnDrift(y, mu float64) {
	x := ((y-mu)*(y-mu) - n.Dispersion*mu) / (mu * mu)
	blend(&n.Drift, &n.DriftWeight, min(max(x, -0.5), 1.5), 300)
}

// blend moves a mean of a given weight by one more value; the cap on the weight
// lets it forget.
func blend(mean, weight *float64, x, most float64) {
	*weight = min(*weight+1, most)
	*mean += (x - *mean) / *weight
}

// InverseSize is 1/k of the negative binomial count with mean mu, given the
// relative variance of its mean.
func (n *Noise) InverseSize(mu, doubt float64) float64 {
	return (max(n.Dispersion, 1.05)-1)/mu + max(n.Drift, 0.01) + doubt
}
