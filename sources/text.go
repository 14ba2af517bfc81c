package sources

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextLimit is the longest name or title that is kept of an upstream, in bytes.
const TextLimit = 512

// maxLink is the longest address that is kept of an upstream, in bytes.
const maxLink = 2048

// Text makes free text of an upstream fit to be shown: valid UTF-8 without
// control characters (a line break or tab becomes a space) or blanks around
// it, at most limit bytes, never cut inside a character.
func Text(s string, limit int) string {
	s = strings.TrimSpace(strings.Map(plain, s))
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}

// plain also turns bytes that are not UTF-8 into U+FFFD, by being applied to
// runes.
func plain(r rune) rune {
	switch {
	case r == '\n' || r == '\r' || r == '\t':
		return ' '
	case unicode.IsControl(r):
		return -1
	default:
		return r
	}
}

// Link is an address of an upstream that people may be sent to, or empty where
// it is anything but plain http or https.
func Link(raw string) string {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxLink || u.Host == "" || u.User != nil {
		return ""
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}
