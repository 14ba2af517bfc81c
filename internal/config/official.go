package config

import (
	"cmp"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/sources"
)

// official adds the official source of a service. The key is empty if it has
// none; the address is for people.
func (p *planner) official(s service, entry catalog.Entry) (key, address string) {
	name := s.engineName(entry)
	if name == "" && s.has("official") {
		p.problems.add(s.at("official"), "official: want an engine or a url")
	}
	if name == "" || name == "none" {
		return "", p.plainAddress(s, entry)
	}
	engine, ok := p.pageEngine(s, name)
	if !ok {
		return "", ""
	}
	cfg, ok := p.sourceConfig(s, engine, entry)
	if !ok {
		return "", ""
	}
	target, ok := p.target(engine, cfg, s.at("official", "url"))
	if !ok {
		return "", ""
	}
	key = p.source(Source{
		Name: "page/" + target.Name(), Engine: engine, Target: target,
		Interval: p.interval(s.official.pollInterval, s.at("official", "poll_interval"), engine, target),
		HTTP:     *cmp.Or(s.official.http, p.global.http), Typed: s.official.url != "",
	})
	if s.official.url == "" && entry.StatusPageURL != "" {
		return key, entry.StatusPageURL
	}
	return key, target.Page.String()
}

// engineName is the engine of a service: as written, else the one to find out
// at a written address, else the catalog's.
func (s service) engineName(entry catalog.Entry) string {
	if s.official.engine == "" && s.has("official", "url") {
		return "auto"
	}
	return cmp.Or(s.official.engine, entry.Engine)
}

// pageEngine finds an engine that reads official pages.
func (p *planner) pageEngine(s service, name string) (sources.Engine, bool) {
	engine, known := sources.Lookup(name)
	switch {
	case !known:
		p.problems.add(s.at("official", "engine"), "engine: %q is not known: %s", name, suggest(name, engineNames(false)))
	case engine.Feed:
		p.problems.add(s.at("official", "engine"), "engine: %q is a user-report feed: name it under feeds", name)
	default:
		return engine, true
	}
	return sources.Engine{}, false
}

// plainAddress is the page of a service that is not polled.
func (p *planner) plainAddress(s service, entry catalog.Entry) string {
	if s.official.url == "" {
		return entry.StatusPageURL
	}
	u, err := sources.ParseURL(s.official.url)
	if err != nil {
		p.problems.add(s.at("official", "url"), "%v", err)
		return ""
	}
	return u.String()
}

// sourceConfig is what an engine is told: the catalog's address and options,
// then what is written.
func (p *planner) sourceConfig(s service, engine sources.Engine, entry catalog.Entry) (sources.Config, bool) {
	cfg := sources.Config{URL: s.official.url}
	if !s.has("official", "url") {
		cfg = fromCatalog(entry, engine)
	}
	good := p.applyOptions(&cfg, engine, s.official.options)
	return cfg, good
}

// applyOptions adds what is written under options; false if some of it is
// faulty.
func (p *planner) applyOptions(cfg *sources.Config, engine sources.Engine, written []option) (good bool) {
	good = true
	for _, o := range written {
		known, ok := engine.Option(o.name)
		switch {
		case !ok:
			p.problems.add(o.at(), "options: engine %s knows no %q: %s", engine.Name, o.name, suggest(o.name, optionNames(engine)))
			good = false
		case o.list && !known.List:
			p.problems.add(o.at(), "options: %s takes a single value, not a list", o.name)
			good = false
		case cfg.Options == nil:
			cfg.Options = map[string]string{o.name: o.value}
		default:
			cfg.Options[o.name] = o.value
		}
	}
	return good
}

// fromCatalog is what an entry tells its own engine; to any other it tells the
// page alone.
func fromCatalog(entry catalog.Entry, engine sources.Engine) sources.Config {
	if entry.Engine != engine.Name {
		return sources.Config{URL: entry.StatusPageURL}
	}
	address, options := entry.Source()
	return sources.Config{URL: address, Options: options}
}

// optionNames lists the options that an engine takes.
func optionNames(engine sources.Engine) []string {
	var names []string
	for _, o := range engine.Options {
		names = append(names, o.Name)
	}
	return names
}
