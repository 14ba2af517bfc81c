package dashboards

import "strconv"

// Colours, those of the status board. Every pair of them stays apart for the
// colour-blind (a test simulates it), and there is always a word beside them.
const (
	red     = "#c9223c" // down
	amber   = "#e0a100" // degraded
	green   = "#4c8f6a" // operational
	blue    = "#5b8def" // maintenance, and what is neither good nor bad
	grey    = "#a3abb3" // unknown
	darkRed = "#7d0f1f" // a critical incident beside a major one
	plain   = "text"    // the theme's own
)

// said is one value and how it is shown.
type said struct {
	value       int
	text, color string
}

// severities are the words of all severity metrics.
var severities = says(
	said{-1, "unknown", grey},
	said{0, "operational", green},
	said{1, "degraded", amber},
	said{2, "down", red},
)

var reading = says(said{0, "unreadable", grey}, said{1, "read", green})

var maintenance = says(said{0, "none", plain}, said{1, "under way", blue})

// says maps values to words.
func says(all ...said) []mapping {
	options := map[string]result{}
	for i, s := range all {
		options[strconv.Itoa(s.value)] = result{Color: s.color, Index: i, Text: s.text}
	}
	return []mapping{{Type: "value", Options: options}}
}

// addressAs shows a word in place of an address. The link keeps the address.
func addressAs(text string) []mapping {
	return []mapping{
		{Type: "regex", Options: matched{Pattern: "^https?://.+$", Result: result{Color: blue, Index: 0, Text: text}}},
		{Type: "special", Options: matched{Match: "empty", Result: result{Index: 1, Text: "none"}}},
	}
}

// from makes thresholds: the first colour below all values.
func from(lowest string, steps ...step) thresholds {
	return thresholds{Mode: "absolute", Steps: append([]step{{Color: lowest}}, steps...)}
}

func at(value float64, color string) step { return step{Color: color, Value: &value} }

// ratios are the thresholds of availability. They differ by lightness, too.
var ratios = from(red, at(0.99, amber), at(0.999, green))
