package demo

import "time"

// period is how often the story is told anew. It is longer than the time in
// which a fresh start would continue the last outage.
const period = 20 * time.Minute

// act is one stretch of a service's story, counted from its beginning.
type act struct {
	from, to time.Duration
	users    string // what the feed says: degraded or down; empty: operational
	reports  int    // reports in the last hour
	official string // the page's indicator: minor, major, critical; empty: it is silent
	stage    string // of the page's incident: investigating, identified, monitoring
}

// service is one service of the simulated world.
type service struct {
	slug, name, category string
	engine               string // of its official page; empty: none
	busy                 int    // reports in 24 hours on a calm day
	maintenance          [2]time.Duration
	broken               bool // its page answers with an error
	acts                 []act
	past                 []trouble // before the story began
}

// trouble is an incident, or an outage that users reported, that is over.
type trouble struct {
	ago, lasted time.Duration
	impact      string // as in act.official; empty: only users said so
	reports     int    // at most, in an hour
}

// teams are whom a service belongs to, by its category.
var teams = map[string]string{
	"cloud": "platform", "finance": "payments", "social": "community", "telecom": "network", "internet": "network", "email": "office", "other": "office",
}

const (
	s  = time.Second
	mn = time.Minute
	h  = time.Hour
)

// cast is who plays: well-known names, so that the board looks like a real
// one. Every name is marked as simulated where it is shown.
var cast = []service{
	{slug: "discord", name: "Discord", category: "social", engine: "statuspage", busy: 48, past: []trouble{{26 * h, 47 * mn, "major", 0}, {5 * h, 18 * mn, "minor", 0}}, acts: []act{
		{from: 4 * s, to: 20 * s, users: "degraded", reports: 64},
		{from: 20 * s, to: 50 * s, users: "down", reports: 310}, // the page is still silent
		{from: 50 * s, to: 80 * s, users: "down", reports: 420, official: "major", stage: "investigating"},
		{from: 80 * s, to: 95 * s, users: "degraded", reports: 190, official: "major", stage: "identified"},
		{from: 95 * s, to: 110 * s, official: "minor", stage: "monitoring", reports: 60},
	}},
	{slug: "verizon", name: "Verizon", category: "telecom", busy: 90, past: []trouble{{14 * h, 52 * mn, "", 380}, {75 * h, 140 * mn, "", 910}}, acts: []act{
		{from: 6 * s, to: 70 * s, users: "down", reports: 540},
		{from: 70 * s, to: 100 * s, users: "degraded", reports: 130},
	}},
	{slug: "openai", name: "OpenAI", category: "cloud", engine: "incidentio", busy: 30, past: []trouble{{9 * h, 130 * mn, "minor", 0}, {50 * h, 65 * mn, "major", 0}}, acts: []act{
		{from: 2 * s, to: 115 * s, official: "minor", stage: "investigating", reports: 12},
	}},
	{slug: "docker", name: "Docker", category: "cloud", engine: "statusio", busy: 6, acts: []act{
		{from: 12 * s, to: 100 * s, official: "major", stage: "identified"},
	}},
	{slug: "zendesk", name: "Zendesk", category: "other", engine: "zendesk", busy: 9, acts: []act{
		{from: 30 * s, to: 90 * s, official: "minor", stage: "investigating"},
	}},
	{slug: "digitalocean", name: "DigitalOcean", category: "cloud", engine: "statuspage", busy: 5, maintenance: [2]time.Duration{5 * s, 90 * s}},
	{slug: "stripe", name: "Stripe", category: "finance", engine: "statuspage", busy: 4, broken: true},
	{slug: "github", name: "GitHub", category: "cloud", engine: "statuspage", busy: 14, past: []trouble{{3 * h, 35 * mn, "minor", 0}, {98 * h, 84 * mn, "major", 0}}},
	{slug: "cloudflare", name: "Cloudflare", category: "cloud", engine: "statuspage", busy: 22, past: []trouble{{20 * h, 25 * mn, "minor", 0}}},
	{slug: "reddit", name: "Reddit", category: "social", engine: "statuspage", busy: 31, past: []trouble{{33 * h, 15 * mn, "minor", 0}}},
	{slug: "twilio", name: "Twilio", category: "cloud", engine: "statuspage", busy: 2},
	{slug: "dropbox", name: "Dropbox", category: "cloud", engine: "statuspage", busy: 5},
	{slug: "zoom", name: "Zoom", category: "other", engine: "statuspage", busy: 11},
	{slug: "linear", name: "Linear", category: "other", engine: "incidentio", busy: 1, past: []trouble{{60 * h, 40 * mn, "minor", 0}}},
	{slug: "roblox", name: "Roblox", category: "gaming", engine: "statusio", busy: 70},
	{slug: "netflix", name: "Netflix", category: "streaming", busy: 41},
	{slug: "spotify", name: "Spotify", category: "streaming", busy: 26},
	{slug: "chase", name: "Chase", category: "finance", busy: 17, past: []trouble{{41 * h, 90 * mn, "", 120}}},
	{slug: "gmail", name: "Gmail", category: "email", busy: 19},
	{slug: "steam", name: "Steam", category: "gaming", busy: 37},
	{slug: "comcast", name: "Comcast", category: "internet", busy: 55},
	{slug: "tiktok", name: "TikTok", category: "social", busy: 33},
	{slug: "whatsapp", name: "WhatsApp", category: "social", busy: 28},
	{slug: "fortnite", name: "Fortnite", category: "gaming", busy: 24},
}

// now is the act under way; the zero act is a calm moment.
func (v service) now(elapsed time.Duration) act {
	for _, a := range v.acts {
		if a.from <= elapsed && elapsed < a.to {
			return a
		}
	}
	return act{reports: v.busy / 24}
}

// stretch is from the first to the last act that a condition holds for.
func (v service) stretch(holds func(act) bool) (from, to time.Duration, found bool) {
	for _, a := range v.acts {
		if holds(a) {
			if !found {
				from = a.from
			}
			to, found = a.to, true
		}
	}
	return from, to, found
}

func usersComplain(a act) bool { return a.users != "" }
func pageAdmits(a act) bool    { return a.official != "" }

// peak is the most reports within any hour of the story.
func (v service) peak() int {
	n := 0
	for _, a := range v.acts {
		n = max(n, a.reports)
	}
	return n
}

func find(slug string) (service, bool) {
	for _, v := range cast {
		if v.slug == slug {
			return v, true
		}
	}
	return service{}, false
}
