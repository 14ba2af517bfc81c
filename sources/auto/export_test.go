package auto

import (
	"net/url"
	"testing"
)

// NewClient is for tests with all engines, which live outside the package.
var NewClient = newClient

// Serve starts a site with a body for each path, "*" for all others. asked
// tells how many requests it has had.
func Serve(t *testing.T, bodies map[string]string) (origin *url.URL, asked func() int32) {
	s := &site{bodies: bodies}
	return serve(t, s), s.asked.Load
}
