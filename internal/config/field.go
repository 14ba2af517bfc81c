package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// field reads the value of one key.
type field func(d *document, key string, n *yaml.Node)

// fields are the keys that a mapping takes.
type fields map[string]field

// object reads a mapping. A key without a value is as good as absent.
func (d *document) object(n *yaml.Node, what string, f fields) {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, "%s: want a mapping of keys to values, got %s", what, kindOf(n))
		return
	}
	for key, value := range pairs(n) {
		read, known := f[key.Value]
		switch {
		case !known:
			d.errorf(key, "unknown key %q in %s: %s", key.Value, what,
				suggest(key.Value, slices.Collect(maps.Keys(f))))
		case !isNull(value):
			read(d, key.Value, value)
		}
	}
}

// object is a field that holds a mapping.
func object(f fields) field {
	return func(d *document, key string, n *yaml.Node) { d.object(n, key, f) }
}

// each is a field that holds a list, read item by item.
func each(read func(d *document, n *yaml.Node)) field {
	return func(d *document, key string, n *yaml.Node) {
		if n.Kind != yaml.SequenceNode {
			d.errorf(n, "%s: want a list, got %s", key, kindOf(n))
			return
		}
		for _, item := range n.Content {
			read(d, item)
		}
	}
}

// text reads a scalar as it is written.
func text(p *string) field {
	return func(d *document, key string, n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || isNull(n) {
			d.errorf(n, "%s: want a single value, got %s", key, kindOf(n))
			return
		}
		*p = n.Value
	}
}

// list reads a list of scalars.
func list(p *[]string) field {
	return func(d *document, key string, n *yaml.Node) {
		each(func(d *document, item *yaml.Node) {
			var s string
			text(&s)(d, key, item)
			*p = append(*p, s)
		})(d, key, n)
	}
}

// table reads a mapping of words to scalars.
func table(p *map[string]string) field {
	return func(d *document, key string, n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			d.errorf(n, "%s: want a mapping of keys to values, got %s", key, kindOf(n))
			return
		}
		*p = map[string]string{}
		for k, v := range pairs(n) {
			var s string
			if !isNull(v) {
				text(&s)(d, key+"."+k.Value, v)
			}
			(*p)[k.Value] = s
		}
	}
}

// oneOf reads one of a few words.
func oneOf(p *string, words ...string) field {
	return func(d *document, key string, n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || !slices.Contains(words, n.Value) {
			d.errorf(n, "%s: %q is not known: %s", key, n.Value, suggest(n.Value, words))
			return
		}
		*p = n.Value
	}
}

// duration reads a length of time above zero, as Prometheus writes it.
func duration(p *time.Duration) field {
	return func(d *document, key string, n *yaml.Node) {
		v, err := model.ParseDuration(n.Value)
		_, bare := strconv.ParseFloat(n.Value, 64)
		switch {
		case n.Kind == yaml.ScalarNode && bare == nil:
			d.errorf(n, "%s: %s has no unit: write %ss", key, n.Value, n.Value)
		case err != nil:
			d.errorf(n, "%s: %s is not a duration: write something like 30s, 5m or 90d", key, shown(n))
		case v <= 0:
			d.errorf(n, "%s: %s is too short: want more than 0", key, n.Value)
		default:
			*p = time.Duration(v)
		}
	}
}

// size reads a number of bytes above zero, as Prometheus writes it.
func size(p *int64) field {
	return func(d *document, key string, n *yaml.Node) {
		v, err := units.ParseBase2Bytes(n.Value)
		_, bare := strconv.ParseFloat(n.Value, 64)
		switch {
		case n.Kind == yaml.ScalarNode && bare == nil:
			d.errorf(n, "%s: %s has no unit: write %sB, or something like 8MB", key, n.Value, n.Value)
		case err != nil:
			d.errorf(n, "%s: %s is not a size: write something like 512KB or 8MB", key, shown(n))
		case v <= 0:
			d.errorf(n, "%s: %s is too small: want more than 0", key, n.Value)
		default:
			*p = int64(v)
		}
	}
}

// count reads a whole number, at least low.
func count(p *int, low int) field {
	return func(d *document, key string, n *yaml.Node) {
		v, err := strconv.Atoi(n.Value)
		if err != nil || v < low {
			d.errorf(n, "%s: %s is not a whole number of at least %d", key, shown(n), low)
			return
		}
		*p = v
	}
}

// shown is a value for messages.
func shown(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return fmt.Sprintf("%q", n.Value)
	}
	return kindOf(n)
}

// kindOf says what a node is, for messages.
func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "nothing"
	default:
		return fmt.Sprintf("%q", n.Value)
	}
}
