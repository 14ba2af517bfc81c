package aws

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

const (
	media = "application/json;charset=utf-16"
	page  = "https://health.acme.test/health/status"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// wire is a document as the vendor sends it: big endian with a BOM.
func wire(doc string) string {
	out := []byte{0xfe, 0xff}
	for _, unit := range utf16.Encode([]rune(doc)) {
		out = binary.BigEndian.AppendUint16(out, unit)
	}
	return string(out)
}

func start(t testing.TB, body string, options map[string]string) (*enginetest.Site, sources.Source) {
	f := enginetest.Start(t, body)
	f.Media = media
	f.Say(historyPath, `{}`)
	return f, f.Open(t, "aws", options)
}

func TestGolden(t *testing.T) {
	f, s := start(t, wire(enginetest.Load(t, "currentevents.json")), nil)
	r := enginetest.Poll(t, s, now)
	enginetest.GoldenIncidents(t, "currentevents", r, f.URL)
	if got, want := enginetest.Judge(r.Page, now).String(), "minor degraded calm"; got != want || len(r.Page.Incidents) != 2 {
		t.Errorf("%+v, want %+v: a region is not the vendor", got, want)
	}
	again := enginetest.Poll(t, s, now.Add(time.Hour))
	if again.Page != r.Page || again.Ended != nil || strings.Join(f.Asked, " ") != docPath+" "+historyPath+" "+docPath {
		t.Errorf("unchanged: same page %t, ended %v, asked %s", again.Page == r.Page, again.Ended, f.Asked)
	}
}

func TestTarget(t *testing.T) {
	const name, doc = "health.aws.amazon.com/health/status", home + docPath
	enginetest.Targets(t, "aws", [][3]string{
		{"", name, doc},
		{" ", name, doc},
		{home + "/health/status?eventID=x", name, doc},
		{"health.aws.amazon.com/health", name, doc},
		{home + "/public/currentevents", name, doc},
		{"https://status.aws.amazon.com/", name, doc},
		{"https://mirror.acme.test/aws/public/currentevents", "mirror.acme.test/aws/health/status", "https://mirror.acme.test/aws/public/currentevents"},
	})
}

func TestFailures(t *testing.T) {
	f, s := start(t, wire(enginetest.Load(t, "currentevents.json")), nil)
	var shapes []string
	for _, body := range []string{`{}`, `null`, `"[]"`, `7`, `[null]`, `[{}]`, `[7]`, `[[]]`, `[{"arn":"arn:x"}]`, `[{"status":"1"}]`, `[{"arn":"a","status":"0","end_time":"1795339800"},{"arn":"b"}]`} {
		shapes = append(shapes, wire(body))
	}
	f.Survives(t, s, "", now, shapes, []string{wire(`[`), wire(`[] []`), "\xfe\xff\x00[\x00", "\xfe\xff"})
}

func TestEmptyListIsCalm(t *testing.T) {
	for name, body := range map[string]string{
		"as on the wire": "\xfe\xff\x00\x5b\x00\x5d", "UTF-8 with BOM": "\ufeff[]", "little endian": "\xff\xfe[\x00]\x00",
	} {
		_, s := start(t, body, nil)
		r := enginetest.Poll(t, s, now)
		want := "none operational calm"
		if got := enginetest.Judge(r.Page, now).String(); got != want || !r.Page.Cloud || !r.Page.OnlyTroubles || r.Page.Word.Published {
			t.Errorf("%s: %+v, page %+v", name, got, r.Page)
		}
	}
}

// read decodes one event, in a region of its own.
func read(t *testing.T, fields string) (cloud.Event, []string) {
	t.Helper()
	d, err := decode([]byte(`[{"arn":"arn:aws:health:us-east-1::event/EC2/X/1","service":"ec2-us-east-1","date":"1795338000",`+fields+`}]`), page)
	if err != nil {
		t.Fatal(err)
	}
	return d.events[0], d.unknown
}

// TestCodes reads every code, and such as are in no table, of an event and of
// a service in it.
func TestCodes(t *testing.T) {
	rows := map[string]struct {
		rank    status.Indicator
		unknown bool
	}{
		"0": {status.None, false}, "1": {status.Minor, false}, "2": {status.Minor, false}, "3": {status.Major, false},
		"4": {status.Minor, true}, "-1": {status.Minor, true}, "resolved": {status.Minor, true},
	}
	for code := range ranks {
		if _, ok := rows[string(code)]; !ok {
			t.Errorf("code %s has no row", code)
		}
	}
	for code, want := range rows {
		for _, quoted := range []string{fmt.Sprintf("%q", code), code} {
			if strings.Contains(code, "r") && quoted == code {
				continue // a word is no number
			}
			e, unknown := read(t, `"status":`+quoted)
			if e.Impact != want.rank || e.Over != (code == "0") || (len(unknown) > 0) != want.unknown {
				t.Errorf("event %s: impact %v, over %t, unknown %v", quoted, e.Impact, e.Over, unknown)
			}
			e, unknown = read(t, `"status":"1","impacted_services":{"s3-us-east-1":{"current":`+quoted+`,"max":"3"}}`)
			if e.Parts[0].Rank != want.rank || e.Parts[0].Peak != status.Major || (len(unknown) > 0) != want.unknown {
				t.Errorf("service %s: %+v, unknown %v", quoted, e.Parts[0], unknown)
			}
		}
	}
	if _, unknown := read(t, `"status":"9","impacted_services":{"s3":{}},"end_time":"soon"`); cmp.Diff([]string{"status", "end_time", "current"}, unknown) != "" {
		t.Errorf("unknown words %v", unknown)
	}
}

func TestOver(t *testing.T) {
	for name, tc := range map[string]struct {
		fields     string
		open       bool
		monitoring bool
		resolved   string
	}{
		"open":                      {`"status":"3"`, true, false, ""},
		"open, end null":            {`"status":"3","end_time":null`, true, false, ""},
		"open, end empty":           {`"status":"3","end_time":""`, true, false, ""},
		"open, end zero":            {`"status":"3","end_time":0`, true, false, ""},
		"open, end not understood":  {`"status":"3","end_time":"soon"`, true, false, ""},
		"open, end in the future":   {`"status":"3","end_time":"1795345200"`, true, false, ""},
		"status zero":               {`"status":0`, false, false, ""},
		"end alone":                 {`"status":"3","end_time":"1795339800"`, false, false, "09:30"},
		"end as a number":           {`"status":"3","end_time":1795339800`, false, false, "09:30"},
		"end in milliseconds":       {`"status":"3","end_time":1795339800000`, false, false, "09:30"},
		"status zero, last update":  {`"status":"0","event_log":[{"timestamp":1795339200},{"timestamp":1795339800}]`, false, false, "09:30"},
		"status zero, last change":  {`"status":"0","impacted_service_status_changes":[{"timestamp":1795339800000}]`, false, false, "09:30"},
		"summary alone":             {`"status":"1","summary":" [RESOLVED] x"`, true, true, ""},
		"update after the end":      {`"status":"1","end_time":"1795339800","event_log":[{"status":1,"timestamp":1795341000}]`, false, false, "09:30"},
		"update says zero, not all": {`"status":"1","event_log":[{"status":0,"timestamp":1795341000}]`, true, false, ""},
	} {
		e, _ := read(t, tc.fields)
		p := cloud.Page{}
		r := p.Read([]cloud.Event{e}, nil, now)
		if (len(r.Page.Incidents) == 1) != tc.open || (len(r.Ended) == 1) == tc.open {
			t.Errorf("%s: %d open, %d ended", name, len(r.Page.Incidents), len(r.Ended))
			continue
		}
		resolved := ""
		for _, in := range r.Ended {
			if !in.Resolved.IsZero() {
				resolved = in.Resolved.Format("15:04")
			}
		}
		if resolved != tc.resolved || tc.open && r.Page.Incidents[0].Monitoring != tc.monitoring {
			t.Errorf("%s: resolved %q, open %+v", name, resolved, r.Page.Incidents)
		}
	}
}

// TestPeak: an event that is over counts as what it was at the height.
func TestPeak(t *testing.T) {
	for fields, want := range map[string]status.Indicator{
		`"status":"0"`: status.Minor,
		`"status":"0","event_log":[{"status":1},{"status":3},{"status":0}]`:             status.Major,
		`"status":"0","impacted_services":{"s3-us-east-1":{"current":"0","max":"3"}}`:   status.Major,
		`"status":"0","impacted_services":{"s3-us-east-1":{"current":"0","max":"odd"}}`: status.Minor,
	} {
		e, _ := read(t, fields)
		p := cloud.Page{}
		if r := p.Read([]cloud.Event{e}, nil, now); r.Ended[0].Impact != want {
			t.Errorf("%s: %v, want %v", fields, r.Ended[0].Impact, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for id, want := range map[string][2]string{
		"ec2-us-east-1":                  {"ec2", "us-east-1"},
		"multipleservices-me-central-1":  {"multipleservices", "me-central-1"},
		"direct-connect-ap-northeast-3":  {"direct-connect", "ap-northeast-3"},
		"s3-us-gov-west-1":               {"s3", "us-gov-west-1"},
		"s3-us-iso-east-1":               {"s3", "us-iso-east-1"},
		"ec2-eusc-de-east-1":             {"ec2", "eusc-de-east-1"},
		"cloudfront":                     {"cloudfront", "global"},
		"iam-identity-center":            {"iam-identity-center", "global"},
		"route53-private-us-northwest-1": {"route53-private", "us-northwest-1"},
		"":                               {"", "global"},
	} {
		if service, region := split(id); service != want[0] || region != want[1] {
			t.Errorf("%s: %s in %s", id, service, region)
		}
	}
}

// TestScope judges the golden document for services with options and scopes.
func TestScope(t *testing.T) {
	for _, tc := range []struct {
		regions, services string
		scope             status.Scope
		want              status.Status
		open              int
	}{
		{"", "", status.Scope{}, status.Degraded, 2},
		{"us-east-1", "", status.Scope{}, status.Down, 1},
		{"n. virginia", "", status.Scope{}, status.Down, 1},
		{"us-*,eu-*", "", status.Scope{}, status.Down, 1},
		{"me-south-1", "", status.Scope{}, status.Degraded, 1},
		{"eu-west-1", "", status.Scope{}, status.Operational, 0}, // iam is global, but well again
		{"", "ec2", status.Scope{}, status.Down, 2},
		{"", "ec2-me-south-1", status.Scope{}, status.Degraded, 1},
		{"", "Amazon Elastic Compute Cloud", status.Scope{}, status.Down, 2},
		{"", "lambda", status.Scope{}, status.Degraded, 1},
		{"", "iam", status.Scope{}, status.Operational, 0},
		{"", "rds", status.Scope{}, status.Operational, 0},
		{"", "multipleservices*", status.Scope{}, status.Down, 1},
		{"us-east-1", "lambda", status.Scope{}, status.Degraded, 1},
		{"me-south-1", "lambda", status.Scope{}, status.Operational, 0},
		{"", "", status.Scope{Include: []string{"us-east-1"}}, status.Down, 1},
		{"", "", status.Scope{Include: []string{"AWS Lambda"}}, status.Degraded, 1},
		{"", "", status.Scope{Include: []string{"ec2-me-*"}}, status.Degraded, 1},
		{"", "", status.Scope{Include: []string{"rds-us-east-1"}}, status.Operational, 0},
		{"", "", status.Scope{Exclude: []string{"us-east-1", "Global"}}, status.Degraded, 1},
	} {
		options := map[string]string{"regions": tc.regions, "services": tc.services}
		_, s := start(t, wire(enginetest.Load(t, "currentevents.json")), options)
		o := status.Judge(enginetest.Poll(t, s, now).Page, tc.scope, now)
		if o.Severity != tc.want || len(o.Incidents) != tc.open {
			t.Errorf("regions %q, services %q, scope %+v: %v with %d open, want %v, %d", tc.regions, tc.services, tc.scope, o.Severity, len(o.Incidents), tc.want, tc.open)
		}
	}
}

// TestOneRegion: a region that has been disrupted for months is down to who
// depends on it, and to nobody else.
func TestOneRegion(t *testing.T) {
	doc := enginetest.Load(t, "mecentral.json")
	for name, answer := range map[string]enginetest.Answer{
		"UTF-16": {Media: media, Body: wire(doc)}, "UTF-8": {Media: "application/json", Body: doc}, "UTF-8 with BOM": {Media: media, Body: "\ufeff" + doc},
	} {
		for options, want := range map[string]string{
			"":                                   "minor degraded calm",
			"regions=me-central-1":               "major down calm",
			"regions=UAE":                        "major down calm",
			"regions=us-east-1":                  "none operational calm",
			"regions=us-east-1,me-central-1":     "major down calm",
			"services=ec2":                       "major down calm",
			"services=s3":                        "minor degraded calm",
			"services=sqs":                       "none operational calm",
			"services=Amazon Elastic Compute*":   "major down calm",
			"services=ec2;regions=me-central-1":  "major down calm",
			"services=sqs;regions=me-central-1":  "none operational calm",
			"services=ec2;regions=ap-southeast-": "none operational calm",
		} {
			set := map[string]string{}
			for option := range strings.SplitSeq(options, ";") {
				key, value, _ := strings.Cut(option, "=")
				set[key] = value
			}
			f, s := start(t, "", set)
			f.Answer = answer
			r := enginetest.Poll(t, s, now)
			if got := enginetest.Judge(r.Page, now).String(); got != want || len(r.Page.UnknownWords) > 0 {
				t.Errorf("%s, %s: judged %q, want %q; unknown words %q", name, options, got, want, r.Page.UnknownWords)
			}
			for _, in := range r.Page.Incidents {
				if in.Started.Format(time.DateOnly) != "2026-03-01" {
					t.Errorf("%s, %s: started %s", name, options, in.Started)
				}
			}
		}
	}
}

// TestWhere: the region is that of the ARN, else of the service, else of what
// an event of several services lists.
func TestWhere(t *testing.T) {
	const listed = `"impacted_services":{"ec2-me-central-1":{"current":"3"},"s3-me-central-1":{"current":"3"}}`
	for body, want := range map[string]string{ // of me-central-1, us-east-1 and the whole
		`"arn":"arn:aws:health:me-central-1::event/X/Y/1"`:                                                                 "down operational degraded",
		`"arn":"arn:aws:health:me-central-1::event/X/Y/1","service":"multipleservices",` + listed:                          "down operational degraded",
		`"arn":"arn:aws:health:::event/X/Y/1","service":"ec2-me-central-1"`:                                                "down operational degraded",
		`"service":"multipleservices-me-central-1"`:                                                                        "down operational degraded",
		`"service":"multipleservices",` + listed:                                                                           "down operational degraded",
		`"service":"multipleservices","impacted_services":{"ec2-me-central-1":{"current":3},"s3-us-east-1":{"current":1}}`: "down degraded degraded",
		`"service":"multipleservices","impacted_services":{"ec2-me-central-1":{"current":3},"iam":{"current":1}}`:          "down degraded down",
		`"service":"multipleservices"`:                                                                                     "down down down",
	} {
		var got []string
		for _, regions := range []string{"me-central-1", "us-east-1", ""} {
			_, s := start(t, wire(`[{"date":"1795338000","status":"3",`+body+`}]`), map[string]string{"regions": regions})
			got = append(got, status.Judge(enginetest.Poll(t, s, now).Page, status.Scope{}, now).Severity.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

// TestUnnamedServices: an event of several services that does not list them may
// be about anything in its region.
func TestUnnamedServices(t *testing.T) {
	const body = `[{"service":"multipleservices-eu-west-1","date":"1795338000","status":"3"}]`
	for options, want := range map[string]status.Status{
		"": status.Degraded, "regions=eu-west-1": status.Down, "regions=us-east-1": status.Operational, "services=ec2": status.Degraded,
	} {
		name, value, _ := strings.Cut(options, "=")
		_, s := start(t, wire(body), map[string]string{name: value})
		if got := status.Judge(enginetest.Poll(t, s, now).Page, status.Scope{}, now); got.Severity != want {
			t.Errorf("%s: %+v, want %v", options, got, want)
		}
	}
}

// TestBroad: without a scope only what is global, or in half of the regions,
// takes the vendor down.
func TestBroad(t *testing.T) {
	impacted := func(n int, current string) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`"ec2-us-east-%d":{"current":%q,"max":"3"}`, i+1, current))
		}
		return `{` + strings.Join(all, ",") + `}`
	}
	for name, tc := range map[string]struct {
		body string
		want status.Status
	}{
		"global by its ARN":      {`"arn":"arn:aws:health:global::event/BILLING/X/1","service":"billing"`, status.Down},
		"global by its service":  {`"service":"cloudfront"`, status.Down},
		"the ARN leads":          {`"arn":"arn:aws:health:us-east-1::event/IAM/X/1","service":"iam"`, status.Degraded},
		"half of the regions":    {`"service":"multipleservices-us-east-1","impacted_services":` + impacted(17, "3"), status.Down},
		"less than half":         {`"service":"multipleservices-us-east-1","impacted_services":` + impacted(16, "3"), status.Degraded},
		"half, but well again":   {`"service":"multipleservices-us-east-1","impacted_services":` + impacted(17, "0"), status.Degraded},
		"global, but well again": {`"arn":"arn:aws:health:global::event/X/Y/1","service":"multipleservices","impacted_services":` + impacted(2, "0"), status.Degraded},
	} {
		_, s := start(t, wire(`[{"date":"1795338000","status":"3",`+tc.body+`}]`), nil)
		if got := status.Judge(enginetest.Poll(t, s, now).Page, status.Scope{}, now); got.Severity != tc.want {
			t.Errorf("%s: %+v, want %v", name, got, tc.want)
		}
	}
}

// TestEndOfAnEvent: what is listed with its end tells it; of what has left the
// list the history does, where it knows.
func TestEndOfAnEvent(t *testing.T) {
	const one = `[{"service":"ec2-us-east-1","date":"1795338000","status":"2"%s}]`
	f, s := start(t, wire(fmt.Sprintf(one, "")), nil)
	enginetest.Poll(t, s, now)
	f.Body = wire(fmt.Sprintf(one, `,"end_time":"1795339800"`))
	if r := enginetest.Poll(t, s, now); len(r.Page.Incidents) != 0 || len(r.Ended) != 1 || r.Ended[0].Resolved.Format("15:04") != "09:30" {
		t.Errorf("open %v, ended %v", r.Page.Incidents, r.Ended)
	}
	f.Body = wire(fmt.Sprintf(one, ""))
	enginetest.Poll(t, s, now)
	f.Body = wire("[]")
	if r := enginetest.Poll(t, s, now); len(r.Page.Incidents) != 0 || len(r.Ended) != 0 {
		t.Errorf("open %v, ended %v", r.Page.Incidents, r.Ended)
	}
	f.Body = wire(fmt.Sprintf(one, ""))
	enginetest.Poll(t, s, now)
	f.Say(historyPath, `{"ec2-us-east-1":[{"date":"1795338000","status":"3","event_log":[{"status":0,"timestamp":1795340400}]}]}`)
	f.Body = wire("[]")
	if r := enginetest.Poll(t, s, now); len(r.Ended) != 1 || r.Ended[0].Resolved.Format("15:04") != "09:40" || r.Ended[0].Impact != status.Major {
		t.Errorf("ended %v, want what the history says", r.Ended)
	}
}

// TestHistory reads past events of services and regions. How far back counts is
// not for an engine to say.
func TestHistory(t *testing.T) {
	for _, tc := range []struct {
		options map[string]string
		want    string
	}{
		{nil, "A year ago, Acme disks fail, Names do not resolve, Packets get lost"},
		{map[string]string{"regions": "us-west-2"}, "A year ago, Acme disks fail, Names do not resolve"},
		{map[string]string{"regions": "us-west-2", "services": "ec2"}, "A year ago, Acme disks fail"},
		{map[string]string{"services": "route53"}, "Names do not resolve"},
	} {
		f, s := start(t, wire("[]"), tc.options)
		f.Say(historyPath, enginetest.Load(t, "historyevents.json"))
		r := enginetest.Poll(t, s, now)
		var titles []string
		for _, in := range r.Ended {
			titles = append(titles, in.Title)
		}
		slices.Sort(titles)
		if got := strings.Join(titles, ", "); got != tc.want || len(r.Page.Incidents) > 0 || len(r.Notes) > 0 {
			t.Errorf("%v: %s, notes %v, want %s", tc.options, got, r.Notes, tc.want)
		}
		enginetest.Judged(t, r.Page, now, "none operational calm")
	}
	f, s := start(t, wire("[]"), nil)
	f.Say(historyPath, enginetest.Load(t, "historyevents.json"))
	enginetest.GoldenIncidents(t, "historyevents", enginetest.Poll(t, s, now), f.URL)
}

// TestHistoryFails: without a history the current events stand.
func TestHistoryFails(t *testing.T) {
	for name, answer := range map[string]enginetest.Answer{
		"missing": {Code: 404}, "page": {Media: "text/html", Body: "<html>"}, "a list": {Body: "[]"}, "other JSON": {Body: `{"ok":true}`}, "broken": {Body: `{"a":[`},
	} {
		f, s := start(t, wire(enginetest.Load(t, "currentevents.json")), nil)
		f.Answers[historyPath] = answer
		if r := enginetest.Poll(t, s, now); len(r.Notes) != 1 || len(r.Ended) != 1 || len(r.Page.Incidents) != 2 {
			t.Errorf("%s: %d open, ended %v, notes %q", name, len(r.Page.Incidents), r.Ended, r.Notes)
		}
	}
}

// TestHistories: the vendor has a history in each of some regions, a mirror one.
func TestHistories(t *testing.T) {
	for address, want := range map[string]string{
		"": "https://history-events-us-west-2-prod.s3.amazonaws.com/historyevents.json https://history-events-us-east-1-prod.s3.amazonaws.com/historyevents.json " +
			"https://history-events-eu-west-1-prod.s3.amazonaws.com/historyevents.json https://history-events-ap-northeast-1-prod.s3.amazonaws.com/historyevents.json",
		"https://mirror.acme.test/aws": "https://mirror.acme.test/aws/historyevents.json",
	} {
		got, err := target(sources.Config{URL: address})
		engine, _ := sources.Lookup("aws")
		var all []string
		for _, u := range engine.Elsewhere(got) {
			all = append(all, u.String())
		}
		if err != nil || strings.Join(all, " ") != want {
			t.Errorf("%s: %s, %v", address, all, err)
		}
	}
}

// TestInParts: an event counts whatever of it is not understood, and beside
// what is none.
func TestInParts(t *testing.T) {
	for body, want := range map[string]string{
		`[{"arn":"a","status":"3","event_log":{},"impacted_services":[]}]`:                      "minor degraded calm",
		`[{"service":"ec2-us-east-1","status":"3"},null,{}]`:                                    "minor degraded calm",
		`[{"service":"iam","impacted_services":{"iam":{"current":3}}}]`:                         "major down calm",
		`[{"service":"ec2-us-east-1","status":"3","impacted_services":{"s3-us-east-1":"odd"}}]`: "minor degraded calm",
		`[{"service":"ec2-us-east-1","status":"0"},{"service":"ec2-us-east-1","status":"2"}]`:   "minor degraded calm",
	} {
		_, s := start(t, wire(body), nil)
		r := enginetest.Poll(t, s, now)
		enginetest.Judged(t, r.Page, now, want)
		enginetest.Sound(t, r)
	}
	_, s := start(t, wire(`[{"service":"ec2-us-east-1","status":"3"},null]`), map[string]string{"regions": "eu-west-1"})
	enginetest.PollFails(t, s, now, fetch.Shape)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(enginetest.Load(f, "currentevents.json")))
	f.Add([]byte(`[{"service":"ec2","status":3,"impacted_services":{"":{}},"end_time":1e99}]`))
	f.Add([]byte(`null`))
	f.Add([]byte(enginetest.Load(f, "historyevents.json")))
	f.Fuzz(func(t *testing.T, body []byte) {
		if past, err := decodeHistory(body, page); err == nil {
			enginetest.Sound(t, cloud.Page{}.Read(past, nil, now))
		}
		d, err := decode(body, page)
		if (d == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", d, err)
		}
		if err != nil {
			return
		}
		p := cloud.Page{}
		for _, in := range p.Read(d.events, d.unknown, now).Page.Incidents {
			if in.ID == "" || in.Over || in.Impact < status.None || in.Impact > status.Major || !strings.HasPrefix(in.URL, page) {
				t.Errorf("%+v", in)
			}
		}
	})
}

// TestRecorded reads an answer of the real host.
func TestRecorded(t *testing.T) {
	body := enginetest.Recorded(t, "aws/currentevents-empty.utf16be.json")
	_, s := start(t, body, nil)
	if got := status.Judge(enginetest.Poll(t, s, now).Page, status.Scope{}, now); got.Severity != status.Operational || got.Indicator != status.None {
		t.Errorf("%+v, want calm", got)
	}
}
