// Package logging makes the go-kit logger that everything writes to, and lets
// libraries that speak log/slog write there too.
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// New makes a logger that writes lines of the given format, logfmt or json, at
// the given level and above: debug, info, warn or error. Its error names the
// flag at fault.
func New(w io.Writer, minLevel, format string) (log.Logger, error) {
	least, err := level.Parse(minLevel)
	if err != nil {
		return nil, fmt.Errorf("--log.level=%s: want debug, info, warn or error", minLevel)
	}
	var logger log.Logger
	switch format {
	case "logfmt":
		logger = log.NewLogfmtLogger(log.NewSyncWriter(w))
	case "json":
		logger = log.NewJSONLogger(log.NewSyncWriter(w))
	default:
		return nil, fmt.Errorf("--log.format=%s: want logfmt or json", format)
	}
	logger = log.With(logger, "ts", log.DefaultTimestampUTC)
	return level.NewFilter(logger, level.Allow(least)), nil
}

// Slog makes a slog logger that writes to a go-kit logger.
func Slog(l log.Logger) *slog.Logger { return slog.New(handler{logger: l}) }

// handler is a slog.Handler over a go-kit logger. Groups become dotted keys.
type handler struct {
	logger log.Logger
	prefix string
	attrs  []any
}

// Enabled leaves the filtering to the go-kit logger.
func (h handler) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes one record. The time is the go-kit logger's own.
func (h handler) Handle(_ context.Context, r slog.Record) error {
	kv := append([]any{level.Key(), levelOf(r.Level), "msg", r.Message}, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		kv = appendAttr(kv, h.prefix, a)
		return true
	})
	return h.logger.Log(kv...)
}

// WithAttrs returns a handler that adds the attributes to every record.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		h.attrs = appendAttr(h.attrs, h.prefix, a)
	}
	return h
}

// WithGroup returns a handler that prefixes later keys.
func (h handler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.prefix += name + "."
	}
	return h
}

func appendAttr(kv []any, prefix string, a slog.Attr) []any {
	v := a.Value.Resolve()
	switch {
	case a.Equal(slog.Attr{}):
		return kv
	case v.Kind() == slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			kv = appendAttr(kv, prefix, member)
		}
		return kv
	default:
		return append(kv, prefix+a.Key, plain(v))
	}
}

// plain keeps what go-kit prints well, and makes text of the rest.
func plain(v slog.Value) any {
	switch x := v.Any().(type) {
	case error, fmt.Stringer, string, bool, int64, uint64, float64:
		return x
	default:
		return fmt.Sprint(x)
	}
}

func levelOf(l slog.Level) level.Value {
	switch {
	case l >= slog.LevelError:
		return level.ErrorValue()
	case l >= slog.LevelWarn:
		return level.WarnValue()
	case l >= slog.LevelInfo:
		return level.InfoValue()
	default:
		return level.DebugValue()
	}
}
