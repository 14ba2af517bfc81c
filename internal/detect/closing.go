package detect

import "math"

// Closing gathers evidence that an outage is over: a CUSUM of the likelihood
// ratio between the normal rate and a raised one.
type Closing struct {
	Evidence float64 // nats for the normal rate since Quiet
	Quiet    int64   // the minute after which it began to gather: the likely end
	Peak     float64 // highest reports per minute over 15 minutes, fading
}

// Reset starts anew, as of a minute.
func (c *Closing) Reset(now int64) { c.Evidence, c.Quiet = 0, now }

// Add takes one step of an open outage.
func (c *Closing) Add(m *Model, s Step) {
	c.Peak = max(c.Peak*math.Pow(1-1.0/240, float64(s.Minutes)), m.Sum(15)/15)
	minutes := float64(s.Minutes)
	mu := m.Expected(m.Last, s.Minutes) / minutes
	raised := max(2.5*mu, 0.2*c.Peak, 6.0/hour)
	gain := (raised-mu)*minutes - s.Reports*math.Log(raised/mu)
	c.Evidence += gain / max(m.Dispersion, 1)
	if c.Evidence <= 0 {
		c.Reset(m.Last)
	}
}

// Over reports whether the evidence is enough, and the calm lasts.
func (c *Closing) Over(now int64, nats float64) bool {
	return c.Evidence >= nats && now-c.Quiet >= 10
}
