package vendors

import (
	"encoding/json"
	"errors"

	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Each is a JSON list of which every element is read for itself: one that is
// not understood spoils no other. The zero Each is a list that is missing or
// null.
type Each[T any] struct {
	Listed bool // the list is there
	All    []T  // what was understood of it
	Doubt  error
}

// UnmarshalJSON accepts any value; what is no list is a doubt.
func (l *Each[T]) UnmarshalJSON(b []byte) error {
	*l = Each[T]{}
	if string(b) == "null" {
		return nil
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(b, &elements); err != nil {
		l.Doubt = fetch.Shapef("%.20s… where there should be a list", b)
		return nil //nolint:nilerr // the doubt is for the caller to weigh
	}
	l.Listed = true
	for i, e := range elements {
		var v *T
		err := json.Unmarshal(e, &v)
		if err == nil && v == nil {
			err = errors.New("it is null")
		}
		if err == nil {
			l.All = append(l.All, *v)
		} else if l.Doubt == nil {
			l.Doubt = fetch.Shapef("element %d of a list is not understood: %w", i+1, err)
		}
	}
	return nil
}

// Maybe is a JSON object that may be missing, null or of another kind.
type Maybe[T any] struct {
	Value T
	Given bool
}

// UnmarshalJSON accepts any value.
func (m *Maybe[T]) UnmarshalJSON(b []byte) error {
	*m = Maybe[T]{}
	if b[0] == '{' && json.Unmarshal(b, &m.Value) == nil {
		m.Given = true
	}
	return nil
}
