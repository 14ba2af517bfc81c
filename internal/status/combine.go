package status

import "time"

// Input is what one source last said about one service.
type Input struct {
	Signal   Signal
	Severity Status    // of the last good reading; Unknown if there is none
	Fresh    bool      // read within the stale limit
	LastGood time.Time // of that reading
	Since    time.Time // start that the source gives for its trouble; zero if none
	Ended    time.Time // end that the source gives for trouble that is over; zero if none
}

// Combined is the status of a service and the sides it was made of.
type Combined struct {
	Status     Status
	Held       bool   // a last known status is shown, because its source is missing
	Official   Side   // with what is held
	Reports    Side   // with what is held
	OfficialIs Status // from fresh readings alone; Unknown without any
	ReportsIs  Status
	OfficialUp bool // at least one fresh reading
	ReportsUp  bool
}

// Combine takes the worse of both signals. While an outage is open, trouble
// that was last known from a source now missing is held for holdFor; after
// that it is unknown, and calm elsewhere does not clear it.
func Combine(inputs []Input, open bool, holdFor time.Duration, now time.Time) Combined {
	c := Combined{Status: Unknown, OfficialIs: Unknown, ReportsIs: Unknown}
	c.Official.Severity, c.Reports.Severity = Unknown, Unknown
	missing := false
	for _, in := range inputs {
		side, fresh, up := &c.Official, &c.OfficialIs, &c.OfficialUp
		if in.Signal == UserReports {
			side, fresh, up = &c.Reports, &c.ReportsIs, &c.ReportsUp
		}
		switch {
		case in.Fresh:
			*up = true
			*fresh = Worse(*fresh, in.Severity)
			side.take(in)
		case open && in.Severity.Trouble() && now.Sub(in.LastGood).Abs() <= holdFor: // also where the clock went back
			side.take(in)
		case open && in.Severity.Trouble():
			missing = true
		}
	}
	c.Status = Worse(c.Official.Severity, c.Reports.Severity)
	c.Held = c.Status.Trouble() && c.Status > Worse(c.OfficialIs, c.ReportsIs)
	if missing && c.Status == Operational {
		c.Status = Unknown
	}
	return c
}

// take adds one source to a side: the worse leads, the earliest start of
// trouble and the latest end of it count.
func (s *Side) take(in Input) {
	s.Severity = Worse(s.Severity, in.Severity)
	if in.Severity.Trouble() {
		s.Since = Earliest(s.Since, in.Since)
	}
	s.Ended = Latest(s.Ended, in.Ended)
}
