package fetch

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// shareKey marks a context whose requests share their answers.
type shareKey struct{}

// shared are the answers of one poll, by question.
type shared map[question]outcome

// question is what makes two requests equal.
type question struct {
	client *Client
	url    string
	media  Media
	header string
	known  validators
}

type outcome struct {
	answer *answer
	err    error
}

// Share makes equal requests under a context one: the first is sent, the later
// ones get its answer, or its error. The context is for one goroutine, and for
// the length of one poll.
func Share(ctx context.Context) context.Context {
	return context.WithValue(ctx, shareKey{}, shared{})
}

// sharing asks through the context's answers, where it has some.
func (c *Client) sharing(ctx context.Context, r request) (*answer, error) {
	answers, ok := ctx.Value(shareKey{}).(shared)
	if !ok {
		return c.ask(ctx, r)
	}
	q := question{client: c, url: r.url, media: r.media, header: headerKey(r.header), known: r.known}
	if first, asked := answers[q]; asked {
		return first.answer, first.err
	}
	a, err := c.ask(ctx, r)
	answers[q] = outcome{err: err}
	if a != nil {
		again := *a
		again.release = func() {} // the first gives back the room
		answers[q] = outcome{answer: &again}
	}
	return a, err
}

// headerKey is a header as one text.
func headerKey(h http.Header) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h)) {
		b.WriteString(name + ": " + strings.Join(h[name], ", ") + "\n")
	}
	return b.String()
}
