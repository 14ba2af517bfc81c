package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"go.yaml.in/yaml/v3"
)

// ago says how long ago something was.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return length(now.Sub(t))
}

// length is a duration in its two largest units; what is negative counts as 0.
func length(d time.Duration) string {
	d = max(0, d)
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	default:
		return fmt.Sprintf("%d s", int(d/time.Second))
	}
}

// utc is a moment as people write it.
func utc(t time.Time) string {
	if t.IsZero() {
		return "not told"
	}
	return t.UTC().Format("2006-01-02 15:04") + " UTC"
}

// mark is a sign that tells a status apart without its colour.
func mark(s string) string {
	return map[string]string{"down": "✖", "degraded": "▲", "unknown": "?", "maintenance": "⚒", "operational": "✔"}[s]
}

// signalName is who said something.
func signalName(s status.Signal) string {
	if s == status.UserReports {
		return "users"
	}
	return "the official page"
}

// scope are the components that count, as people write them; empty for all.
func scope(s status.Scope) string {
	var parts []string
	if len(s.Include) > 0 {
		parts = append(parts, strings.Join(s.Include, ", "))
	}
	if len(s.Exclude) > 0 {
		parts = append(parts, "without "+strings.Join(s.Exclude, ", "))
	}
	return strings.Join(parts, " ")
}

// snippet is how a configuration names the service.
func snippet(s *board.Service) string {
	type official struct {
		Engine string `yaml:"engine"`
		URL    string `yaml:"url"`
	}
	type entry struct {
		Slug       string              `yaml:"slug"`
		Name       string              `yaml:"name,omitempty"`
		Category   string              `yaml:"category,omitempty"`
		Official   *official           `yaml:"official,omitempty"`
		Components map[string][]string `yaml:"components,omitempty,flow"`
		Labels     map[string]string   `yaml:"labels,omitempty,flow"`
	}
	e := entry{Slug: s.Slug, Components: map[string][]string{}, Labels: map[string]string{}}
	if _, known := catalog.Builtin().Lookup(s.Slug); !known {
		e.Name, e.Category = s.Name, s.Category
		if webAddress(s.OfficialURL) != "" {
			e.Official = &official{s.Engine, s.OfficialURL}
		}
	}
	if len(s.Scope.Include) > 0 {
		e.Components["include"] = s.Scope.Include
	}
	if len(s.Scope.Exclude) > 0 {
		e.Components["exclude"] = s.Scope.Exclude
	}
	for name, value := range s.Labels {
		if value != "" {
			e.Labels[name] = value
		}
	}
	b, err := yaml.Marshal(map[string][]entry{"services": {e}})
	if err != nil {
		return ""
	}
	return string(b)
}
