package command

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/auto"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// detected is what detect says of a page.
type detected struct {
	URL      string `json:"url"`    // after redirects
	Engine   string `json:"engine"` // empty: not recognised
	FoundBy  string `json:"found_by"`
	Requests int    `json:"requests"` // for finding the engine, redirects included

	Name        string             `json:"name"`
	Indicator   status.Indicator   `json:"indicator"`
	Status      status.Status      `json:"status"`
	Maintenance bool               `json:"maintenance"`
	Components  []detectedPart     `json:"components"`
	Incidents   []detectedIncident `json:"incidents"` // open ones
	Windows     []detectedWindow   `json:"windows"`   // of maintenance, not over

	Error  string `json:"error,omitempty"` // why the engine was not found, or the page could not be read
	Config string `json:"config"`          // YAML, ready to paste; empty where there is nothing to read
}

type detectedPart struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Group       string           `json:"group"`    // name of the group it belongs to
	IsGroup     bool             `json:"is_group"` // it is one: what it says is that of its members
	Indicator   status.Indicator `json:"indicator"`
	Maintenance bool             `json:"maintenance"`
}

type detectedIncident struct {
	ID      string           `json:"id"`
	Title   string           `json:"title"`
	Impact  status.Indicator `json:"impact"`
	Started *time.Time       `json:"started_at"` // null if the page does not say
	URL     string           `json:"url"`
}

type detectedWindow struct {
	ID       string     `json:"id"`
	Title    string     `json:"title"`
	UnderWay bool       `json:"under_way"`
	Start    *time.Time `json:"start"` // null if the page does not say
	End      *time.Time `json:"end"`   // likewise
}

// Client makes a client with the configuration's HTTP settings. The host of
// page, if there is one, was typed by a person, so that it may be private.
func Client(c *config.Config, page string) (*fetch.Client, error) {
	guard := fetch.NewGuard()
	if u, err := sources.ParseURL(page); page != "" && err == nil {
		guard.Allow(u.Hostname())
	}
	http, timeout, bodyLimit := c.HTTP()
	return fetch.NewClient(fetch.Settings{HTTP: http, Timeout: timeout, BodyLimit: bodyLimit, Guard: guard})
}

// Detect prints which engine a status page runs on, what the page says now,
// and how to configure it. An engine that is not found is an error, and so is
// one whose API is switched off; as JSON, both are printed too. A page of a
// known engine that cannot be read is unknown.
func Detect(ctx context.Context, w io.Writer, client *fetch.Client, page string, asJSON bool) error {
	u, err := sources.ParseURL(page)
	if err != nil {
		return err
	}
	ctx = fetch.Share(ctx)
	found, err := auto.Detect(ctx, client, u)
	d := &detected{
		URL: found.Final, Engine: cmp.Or(found.Engine, found.Operator), FoundBy: found.Why, Requests: found.Requests,
		Indicator: status.IndicatorUnknown, Status: status.Unknown,
		Components: []detectedPart{}, Incidents: []detectedIncident{}, Windows: []detectedWindow{},
	}
	if err != nil {
		return d.notFound(w, err, asJSON)
	}
	if err := d.read(ctx, client, found, time.Now()); err != nil {
		d.Error = err.Error()
	}
	if d.Config, err = snippet(found, cmp.Or(slugOf(d.Name), slugOfHost(u.Hostname()))); err != nil {
		return err
	}
	if asJSON {
		return printJSON(w, d)
	}
	return d.print(w)
}

// notFound is the error of a detection in vain. Only JSON is for programs,
// which want an answer in any case.
func (d *detected) notFound(w io.Writer, err error, asJSON bool) error {
	d.Error = err.Error()
	what := "not recognised"
	if errors.Is(err, auto.ErrAPIOff) {
		what = "recognised, but not readable,"
	}
	err = fmt.Errorf("%s after %d requests: %w", what, d.Requests, err)
	if asJSON {
		return errors.Join(printJSON(w, d), err)
	}
	return err
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// read polls the page once and judges it as a service without a scope.
func (d *detected) read(ctx context.Context, client *fetch.Client, found auto.Finding, now time.Time) error {
	engine, ok := sources.Lookup(found.Engine)
	if !ok {
		return fmt.Errorf("no engine %s in this program", found.Engine)
	}
	target, err := engine.Target(found.Config)
	if err != nil {
		return err
	}
	reading, err := engine.Open(target, client).Poll(ctx, now)
	if err != nil {
		return err
	}
	p := reading.Page
	o := status.Judge(p, status.Scope{}, now)
	d.Name, d.Indicator, d.Status, d.Maintenance = p.Name, o.Indicator, o.Severity, o.Maintenance
	for _, c := range p.Components {
		if !c.Hidden {
			d.Components = append(d.Components, detectedPart{c.ID, c.Name, c.Group, c.IsGroup, c.Rank, c.Maintenance})
		}
	}
	for _, in := range o.Incidents {
		d.Incidents = append(d.Incidents, detectedIncident{in.ID, in.Title, in.Impact, given(in.Started), in.URL})
	}
	for _, v := range p.Windows {
		underWay := v.UnderWay(now)
		if underWay || v.State != status.Completed && (v.End.IsZero() || now.Before(v.End)) {
			d.Windows = append(d.Windows, detectedWindow{v.ID, v.Title, underWay, given(v.Start), given(v.End)})
		}
	}
	return nil
}

// given is nil for a time that a page does not tell.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// print writes it for people.
func (d *detected) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "engine\t%s\nfound by\t%s\nrequests\t%d\naddress\t%s\n", d.Engine, d.FoundBy, d.Requests, d.URL)
	if d.Error != "" {
		fmt.Fprintf(table, "not read\t%s\n", d.Error)
	}
	fmt.Fprintf(table, "name\t%s\nindicator\t%s\nstatus\t%s\nmaintenance\t%s\n",
		d.Name, d.Indicator, d.Status, mark(d.Maintenance, "under way", "no"))
	if len(d.Components) > 0 {
		fmt.Fprintln(table, "\nCOMPONENT\tID\tGROUP\tINDICATOR")
	}
	for _, c := range d.Components {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.Name, c.ID, mark(c.IsGroup, "(is a group)", c.Group), mark(c.Maintenance, "maintenance", c.Indicator.String()))
	}
	if len(d.Incidents) > 0 {
		fmt.Fprintln(table, "\nOPEN INCIDENT\tID\tIMPACT\tSTARTED")
	}
	for _, in := range d.Incidents {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", in.Title, in.ID, in.Impact, clock(in.Started))
	}
	if len(d.Windows) > 0 {
		fmt.Fprintln(table, "\nMAINTENANCE\tID\tSTART\tEND")
	}
	for _, v := range d.Windows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", v.Title, v.ID, clock(v.Start), clock(v.End))
	}
	fmt.Fprintf(table, "\n%s", d.Config)
	return table.Flush()
}

func mark(yes bool, then, otherwise string) string {
	if yes {
		return then
	}
	return otherwise
}

func clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// snippet is the configuration of a service that reads the page.
func snippet(found auto.Finding, slug string) (string, error) {
	type official struct {
		Engine  string            `yaml:"engine"`
		URL     string            `yaml:"url,omitempty"`
		Options map[string]string `yaml:"options,omitempty"`
	}
	type service struct {
		Slug     string   `yaml:"slug"`
		Official official `yaml:"official"`
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err := enc.Encode(map[string][]service{"services": {{slug, official{found.Engine, found.Config.URL, found.Config.Options}}}})
	return out.String(), err
}

var (
	notSlug = regexp.MustCompile(`[^a-z0-9]+`)
	// about is what names and hosts of status pages add to the vendor's name.
	about = regexp.MustCompile(`^(?:(?:status|www|health)(?:-|$))+|-?status(?:-page)?$`)
)

// slugOf is a slug for a vendor's name for itself, or empty.
func slugOf(name string) string {
	slug := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(name), "-"), "-")
	return strings.Trim(about.ReplaceAllString(slug, ""), "-")
}

// slugOfHost is the first label of a host that is more than the word status,
// without the top-level domain.
func slugOfHost(host string) string {
	labels := strings.Split(host, ".")
	if _, err := netip.ParseAddr(host); err == nil {
		labels = nil
	}
	for _, label := range labels[:max(len(labels)-1, min(len(labels), 1))] {
		if slug := slugOf(label); slug != "" && slug != "www" && slug != "api" {
			return slug
		}
	}
	return "service"
}
