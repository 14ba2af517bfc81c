// Package jq runs the small programs, in the language of jq, by which a
// configuration says where in any JSON document things are. A program cannot
// reach anything but its input, nor run on for ever.
package jq

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strconv"
	"time"

	"github.com/itchyny/gojq"

	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	// Limit is how long all programs together may run over one document.
	Limit = 5 * time.Second
	// maxValues is how many values one program may yield.
	maxValues = 20000
	// maxDigits bounds numbers: arithmetic on endless ones never ends.
	maxDigits = 400
)

// Program is a compiled program. The zero Program yields null.
type Program struct{ code *gojq.Code }

// Compile reads a program. It knows the time neither as now nor as $now.
func Compile(text string) (Program, error) {
	return compile(`def now: error("the time is only for where"); ` + text)
}

// CompileTimed reads a program that knows the time of the poll, in seconds
// since 1970, as $now and as now.
func CompileTimed(text string) (Program, error) {
	return compile("def now: $now; "+text, gojq.WithVariables([]string{"$now"}))
}

var name = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// CompileField reads a program, or the plain name of a field. An empty text is
// the zero Program.
func CompileField(text string) (Program, error) {
	switch {
	case text == "":
		return Program{}, nil
	case name.MatchString(text):
		return Compile("." + strconv.Quote(text))
	default:
		return Compile(text)
	}
}

func compile(text string, options ...gojq.CompilerOption) (Program, error) {
	query, err := gojq.Parse(text)
	if err != nil {
		return Program{}, fmt.Errorf("not a jq program: %w", err)
	}
	code, err := gojq.Compile(query, options...)
	if err != nil {
		return Program{}, fmt.Errorf("not a jq program: %w", err)
	}
	return Program{code}, nil
}

// Given reports whether there is a program.
func (p Program) Given() bool { return p.code != nil }

// Values are all that the program yields for an input. The context ends it.
func (p Program) Values(ctx context.Context, input any, variables ...any) ([]any, error) {
	if !p.Given() {
		return nil, nil
	}
	var out []any
	for iter := p.code.RunWithContext(ctx, input, variables...); ; {
		v, more := iter.Next()
		if !more {
			return out, nil
		}
		if err, failed := v.(error); failed {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("it was stopped: %w", ctx.Err())
			}
			return nil, err
		}
		if len(out) == maxValues {
			return nil, fmt.Errorf("it yields more than %d values", maxValues)
		}
		out = append(out, v)
	}
}

// First is the first value that the program yields; null where it yields none
// or fails.
func (p Program) First(ctx context.Context, input any) any {
	if !p.Given() {
		return nil
	}
	v, more := p.code.RunWithContext(ctx, input).Next()
	if _, failed := v.(error); failed || !more {
		return nil
	}
	return v
}

// Text is a value as text: numbers and truth values too. Null, lists and
// objects are empty.
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case *big.Int:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		return ""
	}
}

// IsNumber reports whether a value is a number.
func IsNumber(v any) bool {
	switch v.(type) {
	case json.Number, int, float64, *big.Int:
		return true
	}
	return false
}

// padding is what scripts put around JSON: the call of a function.
var padding = regexp.MustCompile(`(?s)^\s*(?:/\*.{0,64}?\*/\s*)?[A-Za-z_$][\w$.]{0,127}\s*\((.*)\)\s*;?\s*$`)

// Decode reads a JSON document, also one that is wrapped in a function call or
// begins with a BOM. One that holds nothing at all is not understood.
func Decode(body []byte) (any, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(body, []byte("<")) {
		return nil, &fetch.Error{Reason: fetch.ContentType, Err: errors.New("the body is markup, not JSON")}
	}
	if m := padding.FindSubmatch(body); m != nil {
		body = m[1]
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("not JSON: something follows the document")
	}
	if err := check(v); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case []any:
		return v, nil
	case map[string]any:
		if len(v) > 0 {
			return v, nil
		}
	}
	return nil, fetch.Shapef("the document is neither a list nor an object that holds anything")
}

func check(v any) error {
	switch v := v.(type) {
	case json.Number:
		if len(v) > maxDigits {
			return fetch.Shapef("a number of %d digits", len(v))
		}
	case []any:
		for _, e := range v {
			if err := check(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, e := range v {
			if err := check(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// Require fails unless the program yields something, and nothing that is null
// or false. The zero Program requires nothing.
func (p Program) Require(ctx context.Context, input any) error {
	if !p.Given() {
		return nil
	}
	values, err := p.Values(ctx, input)
	if err != nil {
		return fetch.Shapef("require: %w", err)
	}
	if len(values) == 0 {
		return fetch.Shapef("what is required is not there")
	}
	for i, v := range values {
		if v == nil || v == false {
			return fetch.Shapef("what is required is not there: value %d is %v", i+1, v)
		}
	}
	return nil
}
