package vendors

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

type thing struct {
	Name sources.Str `json:"name"`
	Part []int       `json:"part"`
}

func TestEach(t *testing.T) {
	for body, want := range map[string]struct {
		names  []sources.Str
		listed bool
		doubt  bool
	}{
		`{}`:           {nil, false, false},
		`{"l":null}`:   {nil, false, false},
		`{"l":[]}`:     {nil, true, false},
		`{"l":{}}`:     {nil, false, true},
		`{"l":"a"}`:    {nil, false, true},
		`{"l":[{}]}`:   {[]sources.Str{""}, true, false},
		`{"l":[null]}`: {nil, true, true},
		`{"l":[{"name":"a"},{"name":"b","part":"x"},7,{"name":"c"}]}`: {[]sources.Str{"a", "c"}, true, true},
	} {
		var doc struct {
			L Each[thing] `json:"l"`
		}
		if err := json.Unmarshal([]byte(body), &doc); err != nil {
			t.Fatal(err)
		}
		var names []sources.Str
		for _, e := range doc.L.All {
			names = append(names, e.Name)
		}
		if diff := cmp.Diff(want.names, names); diff != "" || doc.L.Listed != want.listed || (doc.L.Doubt != nil) != want.doubt {
			t.Errorf("%s: listed %t, doubt %v, %s", body, doc.L.Listed, doc.L.Doubt, diff)
		}
		if doc.L.Doubt != nil && fetch.ReasonOf(doc.L.Doubt) != fetch.Shape {
			t.Errorf("%s: %v, want a shape error", body, doc.L.Doubt)
		}
	}
}

func TestMaybe(t *testing.T) {
	for body, want := range map[string]Maybe[thing]{
		`{}`: {}, `{"m":null}`: {}, `{"m":7}`: {}, `{"m":[]}`: {}, `{"m":"x"}`: {}, `{"m":{}}`: {Given: true},
		`{"m":{"name":1}}`: {Value: thing{Name: "1"}, Given: true},
	} {
		var doc struct {
			M Maybe[thing] `json:"m"`
		}
		if err := json.Unmarshal([]byte(body), &doc); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, doc.M); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}
