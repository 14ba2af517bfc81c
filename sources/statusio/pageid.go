package statusio

import (
	"net/url"
	"regexp"
	"strings"
)

const hexID = `([0-9a-fA-F]{24})`

var (
	idOnly = regexp.MustCompile(`^` + hexID + `$`)
	inPath = regexp.MustCompile(`(?:^|/)(1\.0/status|pages(?:/history|/incident|/maintenance)?)/` + hexID + `(?:/|$)`)

	// What a page says of itself. An id in running text, or in a link to
	// another host, is somebody else's.
	link    = regexp.MustCompile(`(?i)\b(?:href|src|action|content)\s*=\s*["']([^"'<>]*/pages/[^"'<>]*)["']`)
	apiCall = regexp.MustCompile(`(?i)["'](?:https?:)?//(?:[\w-]+\.)*status\.io/1\.0/status/` + hexID + `\b[^"'<>]*["']`)
	data    = regexp.MustCompile(`(?i)\bdata-(?:statusio-|status-)?page(?:-?id)?\s*=\s*["']` + hexID + `["']`)
)

func isID(s string) bool { return idOnly.MatchString(s) }

// AddressID is the page id that an address of a Status.io page or document
// holds, in lower case; empty if it holds none.
func AddressID(u *url.URL) string {
	id, _ := addressID(u)
	return id
}

// addressID also tells whether the address is that of the document.
func addressID(u *url.URL) (id string, isDocument bool) {
	m := inPath.FindStringSubmatch(u.Path)
	if m == nil {
		return "", false
	}
	return strings.ToLower(m[2]), m[1] == "1.0/status"
}

// PageID finds the id of a Status.io page in its HTML, fetched from page: in
// its links to itself, else in a data attribute, else in the address of the
// API that it calls. Where one of these names two ids, none is believed.
func PageID(html []byte, page *url.URL) (string, bool) {
	var own []string
	for _, m := range link.FindAllSubmatch(html, -1) {
		u, err := page.Parse(string(m[1]))
		if err == nil && strings.EqualFold(u.Host, page.Host) {
			own = append(own, AddressID(u))
		}
	}
	for _, found := range [][]string{own, captures(data, html), captures(apiCall, html)} {
		if id, ok := only(found); id != "" {
			return id, ok
		}
	}
	return "", false
}

func captures(re *regexp.Regexp, html []byte) []string {
	var out []string
	for _, m := range re.FindAllSubmatch(html, -1) {
		out = append(out, strings.ToLower(string(m[1])))
	}
	return out
}

// only is the first of the ids; false if another one stands beside it.
func only(ids []string) (string, bool) {
	first := ""
	for _, id := range ids {
		switch {
		case id == "" || id == first:
		case first == "":
			first = id
		default:
			return first, false
		}
	}
	return first, first != ""
}
