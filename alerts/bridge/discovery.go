package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"go.yaml.in/yaml/v3"

	"github.com/downstatus/downstatus_exporter/internal/config"
)

const (
	// lookIntoFiles is how soon a change of a file counts, also where the
	// refresh interval is longer.
	lookIntoFiles = 5 * time.Second
	lookupTimeout = 10 * time.Second
)

// resolver is the part of net.Resolver that is used.
type resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupIP(ctx context.Context, network, host string) ([]net.IP, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// way is one way of discovery. A search may give targets beside an error: then
// they are all that is known.
type way struct {
	name   string
	every  time.Duration
	search func(ctx context.Context) ([]string, error)
}

// discover begins to look for peers. What a search that fails found before
// stands.
func discover(ctx context.Context, running *sync.WaitGroup, cfg *config.Alertmanager, l log.Logger) *found {
	f := &found{by: map[string][]string{"static": cfg.Static}, first: map[string]bool{}}
	all := ways(cfg, net.DefaultResolver)
	for _, w := range all {
		f.first[w.name] = true
	}
	for _, w := range all {
		running.Go(func() { w.run(ctx, f, l) })
	}
	return f
}

// ways are all but the static one.
func ways(cfg *config.Alertmanager, r resolver) []way {
	var out []way
	for i, d := range cfg.DNS {
		for _, name := range d.Names {
			out = append(out, way{fmt.Sprintf("dns_sd_configs[%d] %s %s", i, d.Type, name), d.RefreshInterval, func(ctx context.Context) ([]string, error) {
				return lookup(ctx, r, d, name)
			}})
		}
	}
	for i, d := range cfg.Files {
		files := &fileSearch{globs: d.Files}
		out = append(out, way{fmt.Sprintf("file_sd_configs[%d]", i), min(d.RefreshInterval, lookIntoFiles), files.search})
	}
	return out
}

func (w way) run(ctx context.Context, f *found, l log.Logger) {
	said := ""
	for {
		targets, err := w.search(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil || len(targets) > 0 {
			f.set(w.name, targets)
		} else {
			f.tried(w.name)
		}
		said = w.tell(l, err, said)
		if !sleep(ctx, w.every) {
			return
		}
	}
}

// tell logs a failure once, and returns what was said.
func (w way) tell(l log.Logger, err error, said string) string {
	if err == nil {
		return ""
	}
	if err.Error() != said {
		level.Warn(l).Log("msg", "Alertmanagers cannot be looked up; those found before stand", "by", w.name, "err", err)
	}
	return err.Error()
}

// lookup asks the DNS once. SRV records carry the port.
func lookup(ctx context.Context, r resolver, d config.DNSDiscovery, name string) (targets []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	join := func(host string, port int) {
		targets = append(targets, net.JoinHostPort(strings.TrimSuffix(host, "."), strconv.Itoa(port)))
	}
	switch d.Type {
	case "SRV":
		_, records, err := r.LookupSRV(ctx, "", "", name)
		for _, s := range records {
			join(s.Target, int(s.Port))
		}
		return targets, err
	case "MX":
		records, err := r.LookupMX(ctx, name)
		for _, m := range records {
			join(m.Host, d.Port)
		}
		return targets, err
	default: // A and AAAA
		network := map[string]string{"A": "ip4", "AAAA": "ip6"}[d.Type]
		addresses, err := r.LookupIP(ctx, network, name)
		for _, ip := range addresses {
			join(ip.String(), d.Port)
		}
		return targets, err
	}
}

// fileSearch reads files as Prometheus' file discovery writes them. Of a file
// that cannot be read or understood, what it said before stands; one that is
// gone names nobody.
type fileSearch struct {
	globs []string
	last  map[string][]string // by file
}

func (s *fileSearch) search(context.Context) ([]string, error) {
	next := map[string][]string{}
	var all []string
	var errs []error
	for _, glob := range s.globs {
		names, err := filepath.Glob(glob)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", glob, err))
		}
		for _, name := range names {
			targets, err := readTargets(name)
			if err != nil {
				errs = append(errs, err)
				targets = s.last[name]
			}
			next[name] = targets
			all = append(all, targets...)
		}
	}
	s.last = next
	return all, errors.Join(errs...)
}

// readTargets reads one file, JSON or YAML. Labels of the groups say nothing to
// us.
func readTargets(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var groups []struct {
		Targets []string          `yaml:"targets"`
		Labels  map[string]string `yaml:"labels"`
	}
	if err := yaml.Unmarshal(text, &groups); err != nil { // JSON is YAML
		return nil, fmt.Errorf("%s: want a list of groups with targets: %w", name, err)
	}
	var targets []string
	for _, g := range groups {
		for _, t := range g.Targets {
			if err := config.CheckTarget(t); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			targets = append(targets, t)
		}
	}
	return targets, nil
}
