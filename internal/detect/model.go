package detect

// learnLag is how long ago the middle of the hour lies that is learned. It keeps
// the slow beginning of an outage out of what is normal.
const learnLag = 90

// Model is everything known of a service but its outages: what came in, what is
// normal, and how much that scatters.
type Model struct {
	Begun bool
	Series
	Baseline
	Noise
}

// NewModel returns a model that has seen nothing.
func NewModel() Model { return Model{Noise: newNoise()} }

// Step is what one observation added.
type Step struct {
	Minutes int64   // since the last one; at the start of a run, the hour it sums up
	Reports float64 // in those minutes
	Anew    bool    // a run of observations starts here
}

// Repeats reports whether a minute brings nothing new: it is not after the last
// observation, and not so far before it that the clock must have been set back.
func (m *Model) Repeats(now int64) bool {
	return m.Begun && now <= m.Last && now > m.Last-hour
}

// Take adds one observation and learns the calm minutes at or after learnFrom.
func (m *Model) Take(now int64, r1h, r24h float64, learnFrom int64) Step {
	if !m.Begun {
		m.Begun = true
		m.begin(r1h, r24h)
	} else if g := now - m.Last; g > 0 && g < hour {
		fresh := m.advance(now, r1h)
		for t := max(now-g+1, learnFrom); t <= now; t++ {
			m.learnAt(t)
		}
		return Step{Minutes: g, Reports: fresh}
	}
	m.restart(now, r1h)
	return Step{Minutes: hour, Reports: r1h, Anew: true}
}

// learnAt learns at one minute what came in around learnLag before it.
func (m *Model) learnAt(t int64) {
	end := t - hour
	count, known := m.hourAt(end)
	if !known {
		return
	}
	m.learn(t-learnLag, count/hour)
	if t%10 == 0 {
		m.learnNoise(t, end, count)
	}
}

// learnNoise compares windows of five minutes where they hold enough reports,
// else hours.
func (m *Model) learnNoise(t, end int64, count float64) {
	mu := m.Expected(end, hour)
	if mu >= 10 && t == m.Last {
		m.learnDispersion(m.between(t-60, t-55), m.between(t-55, t-50))
	}
	if t%hour != 0 {
		return
	}
	if before, known := m.hourAt(end - hour); known && mu < 10 {
		m.learnDispersion(before, count)
	}
	if mu >= 5 {
		m.learnDrift(count, mu)
	}
}

// sum is the reports of the newest w minutes, up to three hours.
func (m *Model) sum(w int64) float64 {
	if w <= hour {
		return m.Sum(w)
	}
	second, _ := m.hourAt(m.Last - hour)
	third, _ := m.hourAt(m.Last - 2*hour)
	return m.Count + second + third
}
