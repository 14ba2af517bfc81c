package status

// Reports is what one feed says about one service.
type Reports struct {
	Severity    Status    // what its users say
	Official    Indicator // the feed's relayed official indicator
	HasOfficial bool      // false: null
}

// JudgeFeed applies the rules of the reports signal to one row of a feed.
// relayed says whether the official evidence that the row carries is counted
// elsewhere: by our own reading of the page, or as the official signal. Only
// then may the row's verdict be discounted as explained by it: evidence must
// count once, but it must count.
func JudgeFeed(s FeedService, relayed bool) Reports {
	r := Reports{Severity: s.Status, Official: s.Official, HasOfficial: s.HasOfficial}
	if !s.HasStatus {
		r.Severity = Unknown
	}
	if relayed && s.HasOfficial && s.Status.Trouble() && s.Official.Severity() >= s.Status {
		r.Severity = Operational
	}
	return r
}

// WithCounts is the reports severity of a row: its own verdict, and beside it
// that of its counts. The worse counts; calm counts clear no status that was
// not understood.
func WithCounts(s FeedService, own, counted Status) Status {
	if own == Unknown && s.HasStatus && !counted.Trouble() {
		return Unknown
	}
	return Worse(own, counted)
}

// Worse is the combination of two severities: unknown gives way to anything
// that is known.
func Worse(a, b Status) Status { return max(a, b) }
