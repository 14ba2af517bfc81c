package auto

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
	"strings"
)

var (
	// asset finds what a page loads or says of itself. Links in its text are
	// not asked: an incident may well speak of another vendor's page.
	asset = regexp.MustCompile(`(?i)<(?:script|link|img|meta)\b[^>]*?\s(?:src|href|content)\s*=\s*["']?([^"'\s>]+)`)
	// quoted finds addresses in attributes and scripts.
	quoted = regexp.MustCompile(`(?i)["'](?:https?:)?//([a-z0-9.-]+)[^"'<>\s]*["']`)
)

// marked are the engines that a page's HTML shows marks of.
type marked struct{ incidentio, statusio, statuspage bool }

// engine is the one whose marks say most.
func (m marked) engine() string {
	switch {
	case m.incidentio:
		return "incidentio"
	case m.statuspage:
		return "statuspage"
	case m.statusio:
		return "statusio"
	default:
		return ""
	}
}

func marks(html []byte, page *url.URL) marked {
	var m marked
	for _, a := range asset.FindAllSubmatch(html, -1) {
		u, err := page.Parse(string(a[1]))
		if err != nil {
			continue
		}
		host := u.Hostname()
		m.incidentio = m.incidentio || under(host, "incident.io")
		m.statusio = m.statusio || under(host, "status.io")
		m.statuspage = m.statuspage || under(host, "statuspage.io") || host == "dka575ofm4ao0.cloudfront.net" || path.Base(u.Path) == "se-v2.js"
	}
	next := bytes.Contains(html, []byte("self.__next_f.push"))
	for _, q := range quoted.FindAllSubmatch(html, -1) {
		host := strings.ToLower(string(q[1]))
		m.incidentio = m.incidentio || next && under(host, "incident.io")
		m.statusio = m.statusio || under(host, "status.io")
	}
	return m
}
