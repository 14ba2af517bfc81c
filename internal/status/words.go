// Package status holds the vocabulary of the exporter and every rule by which
// signals become one status. It imports nothing of the project and does no
// I/O: time enters as a value.
package status

import "fmt"

// Status is the condition of a service. Its number is the severity that the
// metrics show.
type Status int8

// The four conditions of a service.
const (
	Unknown     Status = -1
	Operational Status = 0
	Degraded    Status = 1
	Down        Status = 2
)

// Statuses lists all conditions in the order of their words.
var Statuses = [...]Status{Degraded, Down, Operational, Unknown}

// String returns the word of the public surface.
func (s Status) String() string {
	switch s {
	case Operational:
		return "operational"
	case Degraded:
		return "degraded"
	case Down:
		return "down"
	default:
		return "unknown"
	}
}

// Trouble reports whether the condition is positive evidence of a problem.
func (s Status) Trouble() bool { return s >= Degraded }

// ParseStatus reads a status word of the v1 API. False for any other word.
func ParseStatus(word string) (Status, bool) {
	for _, s := range Statuses {
		if s.String() == word {
			return s, true
		}
	}
	return Unknown, false
}

// MarshalText writes the word, for JSON and logs.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a word that MarshalText wrote.
func (s *Status) UnmarshalText(b []byte) error {
	v, ok := ParseStatus(string(b))
	if !ok {
		return fmt.Errorf("unknown status %q", b)
	}
	*s = v
	return nil
}

// Indicator is the rank of an official statement.
type Indicator int8

// The ranks of official statements. IndicatorUnknown is a statement that was
// not understood or could not be read: null in the v1 API.
const (
	IndicatorUnknown Indicator = -1
	None             Indicator = 0
	Minor            Indicator = 1
	Major            Indicator = 2
	Critical         Indicator = 3
)

// Indicators lists all ranks in the order of their words.
var Indicators = [...]Indicator{Critical, Major, Minor, None, IndicatorUnknown}

// String returns the word of the public surface.
func (i Indicator) String() string {
	switch i {
	case None:
		return "none"
	case Minor:
		return "minor"
	case Major:
		return "major"
	case Critical:
		return "critical"
	default:
		return "unknown"
	}
}

// Severity maps a rank to a status: minor is degraded, major and critical are
// down.
func (i Indicator) Severity() Status {
	switch i {
	case None:
		return Operational
	case Minor:
		return Degraded
	case Major, Critical:
		return Down
	default:
		return Unknown
	}
}

// ParseIndicator reads none, minor, major or critical. False for any other
// word.
func ParseIndicator(word string) (Indicator, bool) {
	for _, i := range Indicators {
		if i != IndicatorUnknown && i.String() == word {
			return i, true
		}
	}
	return IndicatorUnknown, false
}

// MarshalText writes the word, for JSON and logs.
func (i Indicator) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads a word that MarshalText wrote.
func (i *Indicator) UnmarshalText(b []byte) error {
	v, ok := ParseIndicator(string(b))
	if !ok && string(b) != "unknown" {
		return fmt.Errorf("unknown indicator %q", b)
	}
	*i = v
	return nil
}

// Signal says who speaks: users or the vendor.
type Signal string

// The two signals. The words are those of the v1 API's source field.
const (
	UserReports        Signal = "user_reports"
	OfficialStatusPage Signal = "official_status_page"
)

// Signals lists both signals in the order of their words.
var Signals = [...]Signal{OfficialStatusPage, UserReports}
