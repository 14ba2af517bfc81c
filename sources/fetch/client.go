// Package fetch is the one HTTP client of the exporter: polite towards
// operators, suspicious of answers.
package fetch

// Client asks upstreams with one set of HTTP settings. It is safe for
// concurrent use.
type Client struct{}
