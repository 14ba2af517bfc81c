package json

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/generic"
	"github.com/downstatus/downstatus_exporter/sources/internal/jq"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// rules are the options, made ready.
type rules struct {
	incidents             bool
	items, require, where jq.Program
	key, title, status    jq.Program
	group, url, parts     jq.Program
	started, updated, end jq.Program

	clock    clock
	words    map[string]generic.Meaning // folded
	fallback generic.Meaning
	strict   bool // words that the map lacks are counted

	first bool
	count int // so many components make a verdict; zero: none is made
}

func readRules(o map[string]string) (rules, error) {
	r := rules{words: map[string]generic.Meaning{}}
	switch o["as"] {
	case "", "components":
	case "incidents":
		r.incidents = true
	default:
		return r, fmt.Errorf("as: %q is none: want components or incidents", o["as"])
	}
	if err := r.compile(o); err != nil {
		return r, err
	}
	if err := r.complete(o); err != nil {
		return r, err
	}
	var err error
	if r.clock, err = readClock(o["time_format"], o["zone"]); err != nil {
		return r, err
	}
	if err := r.readWords(o); err != nil {
		return r, err
	}
	err = r.readRollUp(o["roll_up"])
	return r, err
}

func (r *rules) compile(o map[string]string) error {
	for name, field := range map[string]*jq.Program{
		"key": &r.key, "title": &r.title, "status": &r.status, "group": &r.group, "url": &r.url, "components": &r.parts,
		"started": &r.started, "updated": &r.updated, "resolved": &r.end,
	} {
		var err error
		if *field, err = jq.CompileField(o[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, program := range map[string]*jq.Program{"items": &r.items, "require": &r.require, "where": &r.where} {
		if o[name] == "" {
			continue
		}
		compile := jq.Compile
		if name == "where" {
			compile = jq.CompileTimed
		}
		var err error
		if *program, err = compile(o[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// complete refuses what would read calm out of nothing, and options that mean
// nothing together.
func (r *rules) complete(o map[string]string) error {
	switch {
	case !r.items.Given():
		return errors.New("items is missing: want a jq program that yields them, such as .components[]")
	case r.incidents && !r.require.Given():
		return errors.New("require is missing: no incidents are calm only in a document that is sure to be the right one")
	case !r.incidents && !(r.status.Given() && (r.title.Given() || r.key.Given())):
		return errors.New("components need status, and key or title")
	case r.status.Given() && o["map"] == "":
		return errors.New("map is missing: what do the words of status mean?")
	case !r.incidents && (r.started.Given() || r.updated.Given() || r.end.Given() || r.url.Given() || r.parts.Given()):
		return errors.New("started, updated, resolved, url and components are about incidents: want as: incidents")
	case r.incidents && (r.group.Given() || o["roll_up"] != ""):
		return errors.New("group and roll_up are about components: not with as: incidents")
	}
	return nil
}

func (r *rules) readWords(o map[string]string) error {
	entries, err := generic.Entries(o["map"])
	if err != nil {
		return fmt.Errorf("map: %w", err)
	}
	for _, e := range entries {
		r.words[vendors.Fold(e.Word)] = e.Meaning
	}
	r.fallback, r.strict = generic.Unknown, r.status.Given()
	if word := o["default"]; word != "" {
		rank, ok := status.ParseIndicator(word)
		if !(ok && rank >= status.Minor) && word != "unknown" {
			return fmt.Errorf("default: %q: a word that is not known is never calm: want unknown, minor, major or critical", word)
		}
		r.fallback.Rank = rank
		r.strict = r.strict && word == "unknown"
	}
	return nil
}

func (r *rules) readRollUp(option string) (err error) {
	switch option {
	case "":
	case "worst":
		r.count = 1
	case "first":
		r.first = true
	default:
		if r.count, err = strconv.Atoi(option); err != nil || r.count < 1 {
			return fmt.Errorf("roll_up: %q is none: want worst, first or a number", option)
		}
	}
	return nil
}
