package feed

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/generic"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// state is how far an item says that its incident has come.
type state int8

const (
	untold   state = iota
	opened         // investigating, identified
	watching       // monitoring
	planned        // scheduled, but not begun
	underWay       // said of incidents and of planned work
	window         // planned work, wherever it stands
	over           // resolved, completed
	ignored        // not about any trouble
)

// defaults are the words that the options add to, folded.
var defaults = map[state]string{
	opened: "investigating,identified,open,opened,reopened,ongoing,active,new,incident,disrupted,acknowledged,detected," +
		"service impact,service disruption,service degradation,performance issues,informational message",
	watching: "monitoring,watching,recovering,mitigated,verifying fix",
	underWay: "in progress,started,verifying",
	planned:  "scheduled,upcoming,planned",
	window: "maintenance,scheduled maintenance,planned maintenance,emergency maintenance,maintenance in progress," +
		"maintenance scheduled,under maintenance",
	over: "resolved,completed,complete,closed,fixed,recovered,restored,ended,postmortem,incident recovered,canceled,cancelled," +
		"service is operating normally,maintenance complete,maintenance completed",
}

// others are the words of a label Type for what is no trouble, folded. In a
// title they may stand before trouble.
var others = []string{"announcement", "release", "releasenote", "releasenotes", "security", "securitybulletin"}

// severities are looked up in this order in titles.
const severities = "minor outage=minor,slow down=minor,slowdown=minor," +
	"outage=major,down=major,downtime=major,unavailable=major,not available=major,offline=major,disruption=major,disrupted=major," +
	"degraded=minor,degradation=minor,degraded performance=minor,slow=minor,latency=minor,delay=minor,delayed=minor,error=minor," +
	"intermittent=minor,partial=minor,issue=minor,impact=minor,increased=minor,elevated=minor"

type kind int8

const (
	history kind = iota
	active
	updates
)

var kinds = map[string]kind{"": history, "history": history, "active": active, "updates": updates}

// maxAges and livenesses are what holds where nothing is configured.
var (
	maxAges    = map[kind]time.Duration{history: 30 * 24 * time.Hour, updates: 24 * time.Hour}
	livenesses = map[kind]time.Duration{active: 24 * time.Hour}
)

const (
	defaultItems = 50
	maxItems     = 1000
)

// rules are the options, made ready.
type rules struct {
	kind     kind
	field    string         // of an item: guid, link or title
	key      *regexp.Regexp // of the field; nil: all of it
	states   map[string]state
	severity []generic.Entry // words as search writes them
	inText   bool
	items    int
	maxAge   time.Duration
	liveness time.Duration
}

func readRules(options map[string]string) (rules, error) {
	r := rules{states: map[string]state{}, items: defaultItems}
	var known bool
	if r.kind, known = kinds[options["kind"]]; !known {
		return r, fmt.Errorf("kind: %q is none: want history, active or updates", options["kind"])
	}
	r.addWords(options)
	for name, read := range map[string]func(string) error{
		"key": r.readKey, "severity": r.readSeverity, "severity_in": r.readPlace, "items": r.readItems,
		"max_age": r.readAge(&r.maxAge, maxAges), "liveness": r.readAge(&r.liveness, livenesses),
	} {
		if err := read(options[name]); err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}

func (r *rules) addWords(options map[string]string) {
	for s, words := range defaults {
		for _, w := range vendors.ParseList(words) {
			r.states[vendors.Fold(w)] = s
		}
	}
	for name, s := range map[string]state{"open": opened, "monitoring": watching, "resolved": over, "maintenance": window, "ignore": ignored} {
		for _, w := range vendors.ParseList(options[name]) {
			r.states[vendors.Fold(w)] = s
		}
	}
}

func (r *rules) readKey(option string) (err error) {
	field, expression, has := strings.Cut(option, ":")
	if field == "" && !has {
		field = "guid"
	}
	if field != "guid" && field != "link" && field != "title" {
		return fmt.Errorf("%q is none: want guid, link or title, and for a part of it a colon and a regular expression", option)
	}
	r.field = field
	if has {
		r.key, err = regexp.Compile(expression)
	}
	return err
}

// readSeverity puts the words of the option before the built-in ones.
func (r *rules) readSeverity(option string) error {
	for _, list := range []string{option, severities} {
		entries, err := generic.Entries(list)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Word = searchable(e.Word); e.Word != "" {
				r.severity = append(r.severity, e)
			}
		}
	}
	return nil
}

func (r *rules) readPlace(option string) error {
	if option != "" && option != "title" && option != "text" {
		return fmt.Errorf("%q is none: want title or text", option)
	}
	r.inText = option == "text"
	return nil
}

func (r *rules) readItems(option string) (err error) {
	if option == "" {
		return nil
	}
	if r.items, err = strconv.Atoi(option); err != nil || r.items < 1 || r.items > maxItems {
		return fmt.Errorf("%q is no number of items: want 1 to %d", option, maxItems)
	}
	return nil
}

func (r *rules) readAge(d *time.Duration, byKind map[kind]time.Duration) func(string) error {
	return func(option string) (err error) {
		*d, err = generic.Duration(option, byKind[r.kind])
		return err
	}
}

// stateOf is the state that a word names; untold for any other.
func (r rules) stateOf(word string) state { return r.states[vendors.Fold(word)] }

// titleStates are the states that a title names as parts of its own, as
// "[Resolved] Login fails" does, but not "Resolved hosts are lost". What says
// most stands first.
func (r rules) titleStates(title string) []state {
	var found []state
	for _, part := range separators.Split(title, -1) {
		if s := r.stateOf(part); s != untold {
			found = append(found, s)
		}
	}
	begins := vendors.Fold(title)
	for _, word := range [...]string{"scheduledmaintenance", "plannedmaintenance", "emergencymaintenance"} {
		if strings.HasPrefix(begins, word) && r.meaning(title).Rank == status.IndicatorUnknown {
			found = append(found, window)
		}
	}
	slices.SortFunc(found, func(a, b state) int { return int(b - a) })
	return found
}

var separators = regexp.MustCompile(`[\[\](){}:|–—]|\s-\s|\s/\s`)

// meaning is what the first word of the table that one of the texts holds
// stands for.
func (r rules) meaning(texts ...string) generic.Meaning {
	in := " "
	for _, t := range texts {
		in += searchable(t) + " . " // no word goes from one text to the next
	}
	for _, e := range r.severity {
		if strings.Contains(in, " "+e.Word+" ") || strings.Contains(in, " "+e.Word+"s ") {
			return e.Meaning
		}
	}
	return generic.Unknown
}

// searchable leaves letters and digits, in words with one blank between them.
func searchable(text string) string {
	return strings.TrimSpace(notWord.ReplaceAllString(strings.ToLower(text), " "))
}

var notWord = regexp.MustCompile(`[^\pL\pN]+`)
