package sources

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

func TestText(t *testing.T) {
	tests := []struct {
		name, in string
		limit    int
		want     string
	}{
		{"plain", "API Requests", 512, "API Requests"},
		{"control characters go", "A\x00P\x1bI\u0085", 512, "API"},
		{"lines become one", " first\nsecond\tthird\r", 512, "first second third"},
		{"cut", "abcdef", 4, "abcd"},
		{"never inside a character", "aé", 2, "a"},
		{"a blank at the cut goes", "ab cd", 3, "ab"},
		{"not UTF-8", "a\xffb", 512, "a\uFFFDb"},
		{"nothing fits", "é", 1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in, tt.limit); got != tt.want {
				t.Errorf("Text(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
			}
		})
	}
}

func TestLink(t *testing.T) {
	tests := map[string]string{
		"https://acme.test/incidents/1": "https://acme.test/incidents/1",
		" http://stspg.test/x ":         "http://stspg.test/x",
		"javascript:alert(1)":           "",
		"ftp://acme.test/x":             "",
		"/incidents/1":                  "",
		"https://user:pass@acme.test/":  "",
		"https:///nohost":               "",
		"https://acme.test/\x7f":        "",
		"":                              "",
		"https://a.test/" + strings.Repeat("x", maxLink): "",
	}
	for in, want := range tests {
		if got := Link(in); got != want {
			t.Errorf("Link(%.60q) = %q, want %q", in, got, want)
		}
	}
}

func TestLenientTypes(t *testing.T) {
	type doc struct {
		S Str
		B Bool
		L List[Str]
	}
	tests := []struct {
		name, in string
		want     doc
	}{
		{"as documented", `{"S":"a","B":true,"L":["x"]}`, doc{"a", true, List[Str]{"x"}}},
		{"number for a string", `{"S":12,"B":1}`, doc{S: "12", B: true}},
		{"truth value for a string and back", `{"S":true,"B":"true"}`, doc{S: "true", B: true}},
		{"null everywhere", `{"S":null,"B":null,"L":null}`, doc{L: List[Str]{}}},
		{"nulls inside a list", `{"L":[null,"x",null]}`, doc{L: List[Str]{"x"}}},
		{"list and object for a string", `{"S":["a"],"B":{}}`, doc{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got doc
			if err := Unmarshal([]byte(tt.in), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnmarshalReasons(t *testing.T) {
	tests := []struct {
		name, in string
		want     fetch.Reason
	}{
		{"truncated", `{"L":["x"`, fetch.Decode},
		{"empty", ``, fetch.Decode},
		{"HTML", `<!doctype html>`, fetch.Decode},
		{"two documents", `{} {}`, fetch.Decode},
		{"object for a list", `{"L":{}}`, fetch.Shape},
		{"text for a list", `{"L":"x"}`, fetch.Shape},
		{"list for an object", `[]`, fetch.Shape},
		{"number in a list of objects", `{"L":[{},1]}`, fetch.Shape},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var v struct{ L List[struct{ A Str }] }
			err := Unmarshal([]byte(tt.in), &v)
			if err == nil {
				t.Fatal("no error")
			}
			if got := fetch.ReasonOf(err); got != tt.want {
				t.Errorf("reason %s, want %s (%v)", got, tt.want, err)
			}
		})
	}
}

func TestTime(t *testing.T) {
	want := time.Date(2026, 8, 2, 18, 59, 36, 991e6, time.UTC)
	for _, in := range []string{"2026-08-02T14:59:36.991-04:00", "2026-08-02T18:59:36.9919Z", "2026-08-03T03:59:36.991+09:00"} {
		got, ok := Time(in)
		if !ok || got != want {
			t.Errorf("Time(%q) = %v, %v, want %v", in, got, ok, want)
		}
	}
	if got, ok := Time(""); !ok || !got.IsZero() {
		t.Errorf("Time of nothing = %v, %v, want zero and ok", got, ok)
	}
	for _, in := range []string{"yesterday", "1754146776", "2026-08-02", "2026-13-02T00:00:00Z"} {
		if got, ok := Time(in); ok || !got.IsZero() {
			t.Errorf("Time(%q) = %v, %v, want zero and not ok", in, got, ok)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("API\n\x00", 3)
	f.Add("a\xff é", 2)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit &= 1023
		got := Text(s, limit)
		if len(got) > limit || !utf8.ValidString(got) || got != Text(got, limit) {
			t.Errorf("Text(%q, %d) = %q", s, limit, got)
		}
	})
}
