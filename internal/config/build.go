package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/internal/detect"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

var feedName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Plan makes the configuration ready to run: it finds engines and addresses,
// shares sources and names them. The error is a Problems with all faults.
func (c *Config) Plan() (*Plan, error) {
	plan, problems := c.plan()
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return plan, nil
}

// plan builds as much as can be built, so that one run finds all faults.
func (c *Config) plan() (*Plan, Problems) {
	p := planner{
		Config: c, sources: map[string]*Source{}, documents: map[string]string{}, feedKeys: map[string]string{},
		found: slices.Clone(c.warnings),
	}
	p.addFeeds()
	services := p.merge()
	labels := labelNames(services)
	knobs, _ := detect.ForSensitivity(c.sensitivity) // another word is among the faults already
	plan := &Plan{
		Labels: labels, Detection: knobs,
		StaleAfter: c.global.staleAfter, HoldOpenFor: c.global.holdOpenFor,
		MaxComponents: c.global.maxComponents, Retention: c.retention, DSN: c.dsn,
	}
	for _, s := range services {
		plan.Services = append(plan.Services, p.service(s, labels))
	}
	plan.Alertmanager = c.Alertmanager
	p.uselessMatch(plan.Services)
	plan.Sources = p.named()
	plan.Warnings = p.found.sorted()
	return plan, p.problems
}

// planner gathers the sources that services ask for.
type planner struct {
	*Config
	sources   map[string]*Source // by key
	documents map[string]string  // key of the source that asks for a document
	order     []string           // keys as first asked for
	feedKeys  map[string]string  // key by feed name
	problems  Problems
	found     Problems // warnings
}

// addFeeds adds a source for each feed. Feeds share none: their reports would
// count twice.
func (p *planner) addFeeds() {
	seen := map[string]string{}
	for _, f := range p.feeds {
		if !feedName.MatchString(f.name) {
			p.problems.add(f.at("name"), "name: %q is not a feed's name: want letters, digits, dots and dashes", f.name)
			continue
		}
		if _, twice := p.feedKeys[f.name]; twice {
			p.problems.add(f.at("name"), "feed %q is named twice", f.name)
			continue
		}
		key := p.feedSource(f)
		if other, twice := seen[key]; twice && key != "" {
			p.problems.add(f.at(), "feeds %q and %q are the same upstream", other, f.name)
		}
		seen[key], p.feedKeys[f.name] = f.name, key
	}
}

// feedSource adds the source of a feed and returns its key; empty if it is
// faulty.
func (p *planner) feedSource(f feed) string {
	engine, known := sources.Lookup(f.engine)
	if !known || !engine.Feed {
		p.problems.add(f.at("type"), "type: %q is not a kind of feed: %s", f.engine, suggest(f.engine, engineNames(true)))
		return ""
	}
	address := f.url
	if !f.has("url") && f.engine == defaultFeed {
		address = defaultFeedURL
	}
	cfg := sources.Config{URL: address}
	if !p.applyOptions(&cfg, engine, f.options) {
		return ""
	}
	target, ok := p.target(engine, cfg, f.at("url"))
	if !ok {
		return ""
	}
	return p.source(Source{
		Name: "feed/" + f.name, Engine: engine, Target: target,
		Interval: p.interval(f.pollInterval, f.at("poll_interval"), engine, target),
		HTTP:     *cmp.Or(f.http, p.global.http),
		Typed:    address != defaultFeedURL, All: f.services == "all",
	})
}

// engineNames lists the engines of feeds or of pages.
func engineNames(feeds bool) []string {
	var names []string
	for _, e := range sources.Engines() {
		if e.Feed == feeds {
			names = append(names, e.Name)
		}
	}
	if !feeds {
		names = append(names, "none")
	}
	return names
}

// merge joins the services named one by one with those that the catalog's
// globs pick, by slug.
func (p *planner) merge() []service {
	var out []service
	named := map[string]service{}
	for _, s := range p.services {
		if first, twice := named[s.slug]; twice {
			at := first.at("slug")
			p.problems.add(s.at("slug"), "slug %q is used twice: first at %s:%d", s.slug, at.file, at.line)
		} else {
			named[s.slug] = s
		}
		out = append(out, s)
	}
	for _, e := range p.catalog.All() {
		_, listed := named[e.Slug]
		if from, in := p.picked(e.Slug); in && !listed {
			out = append(out, service{origin: from, slug: e.Slug})
		}
	}
	p.uselessGlobs()
	slices.SortFunc(out, func(a, b service) int { return strings.Compare(a.slug, b.slug) })
	return out
}

// picked reports whether the catalog's globs choose a slug, and which did.
func (p *planner) picked(slug string) (origin, bool) {
	matches := func(x pattern) bool { return status.Glob(x.glob, slug) }
	i := slices.IndexFunc(p.include, matches)
	if i < 0 || slices.ContainsFunc(p.exclude, matches) {
		return origin{}, false
	}
	return p.include[i].origin, true
}

// uselessGlobs warns of globs that match nothing: slugs can leave the catalog.
func (p *planner) uselessGlobs() {
	for _, x := range slices.Concat(p.include, p.exclude) {
		if !slices.ContainsFunc(p.catalog.All(), func(e catalog.Entry) bool { return status.Glob(x.glob, e.Slug) }) {
			p.found.add(x.at(), "catalog: %q matches no slug of the catalog", x.glob)
		}
	}
}

// labelNames is the union of the label names in use: a metric family needs the
// same ones on every series.
func labelNames(services []service) []string {
	names := map[string]bool{}
	for _, s := range services {
		for name := range s.labels {
			names[name] = true
		}
	}
	return sortedKeys(names)
}

// service makes one service ready; what is not written comes from the catalog.
func (p *planner) service(s service, labels []string) Service {
	before := len(p.problems)
	entry, inCatalog := p.catalog.Lookup(cmp.Or(s.catalog, s.slug))
	if s.catalog != "" && !inCatalog {
		p.problems.add(s.at("catalog"), "catalog: %q is not in the catalog: %s", s.catalog, p.suggestSlug(s.catalog))
	}
	out := Service{
		Slug: s.slug, Name: cmp.Or(s.name, entry.Name, s.slug),
		Category: cmp.Or(s.category, entry.Category, "other"),
		Labels:   map[string]string{}, Scope: s.scope, Feeds: p.feedsOf(s, entry),
	}
	for _, name := range labels {
		out.Labels[name] = s.labels[name]
	}
	out.Official, out.OfficialURL = p.official(s, entry)
	if out.Official == "" && len(p.problems) == before {
		p.withoutPage(s, out, inCatalog)
	}
	return out
}

// withoutPage judges a service that has no official source. Nothing can be said
// while the feeds themselves are faulty.
func (p *planner) withoutPage(s service, out Service, inCatalog bool) {
	for _, key := range p.feedKeys {
		if key == "" {
			return
		}
	}
	chosen := s.has("official") || s.has("catalog")
	switch {
	case len(out.Feeds) == 0 && (chosen || inCatalog):
		p.problems.add(s.at(), "service %q: nothing would be read for it: it has neither an official source nor a feed", s.slug)
	case len(out.Feeds) == 0:
		p.problems.add(s.at(), "service %q: nothing would be read for it: it is not in the catalog and has neither an official source nor a feed: %s",
			s.slug, p.suggestSlug(s.slug))
	case s.scope.Active():
		p.found.add(s.at("components"), "components: service %q has no official source to take them from", s.slug)
	case !inCatalog && !chosen && !s.has("feeds") && !s.has("name"):
		p.found.add(s.at(), "service %q is not in the catalog: only feeds are read for it: %s", s.slug, p.suggestSlug(s.slug))
	}
}

// suggestSlug names the catalog's closest slug, or the way to list them.
func (p *planner) suggestSlug(slug string) string {
	var known []string
	for _, e := range p.catalog.All() {
		known = append(known, e.Slug)
	}
	if s := suggest(slug, known); strings.HasPrefix(s, "did you mean") {
		return s
	}
	return "`downstatus_exporter catalog list` shows its slugs"
}

// feedsOf gives the slug of a service in each feed. An empty one keeps it out
// of the feed.
func (p *planner) feedsOf(s service, entry catalog.Entry) map[string]string {
	out := map[string]string{}
	for _, key := range p.feedKeys {
		if key != "" {
			out[key] = cmp.Or(entry.FeedSlug, s.slug)
		}
	}
	for _, name := range sortedKeys(s.feeds) {
		key, known := p.feedKeys[name]
		switch {
		case !known:
			p.problems.add(s.at("feeds", name), "feeds: there is no feed %q: %s", name, suggest(name, sortedKeys(p.feedKeys)))
		case s.feeds[name] == "":
			delete(out, key)
		case key != "":
			out[key] = s.feeds[name]
		}
	}
	return out
}
