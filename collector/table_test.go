package collector

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

func TestClean(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"plain":              {"Acme", "Acme"},
		"empty":              {"", ""},
		"invalid":            {"a\xff\xfeb", "a\uFFFDb"},
		"just fits":          {strings.Repeat("x", 256), strings.Repeat("x", 256)},
		"cut":                {strings.Repeat("x", 257), strings.Repeat("x", 256)},
		"cut before a rune":  {strings.Repeat("x", 255) + "é", strings.Repeat("x", 255)},
		"cut after a rune":   {strings.Repeat("x", 254) + "éa", strings.Repeat("x", 254) + "é"},
		"grows, then is cut": {strings.Repeat("x", 254) + "\xff", strings.Repeat("x", 254)},
		"cut between 4-byte": {strings.Repeat("🚦", 70), strings.Repeat("🚦", 64)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := clean(tc.in); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTableSort(t *testing.T) {
	tb := &table{labels: []string{"a", "b"}}
	tb.add(1, "x", "2")
	tb.add(0, "x", "10")
	tb.add(2, "x", "2")
	tb.add(5, "", "z")
	tb.sort()
	if diff := cmp.Diff([]string{"", "z", "x", "10", "x", "2"}, tb.cells); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]float64{5, 0, 2}, tb.values); diff != "" {
		t.Error(diff)
	}
}

func TestRenderNothing(t *testing.T) {
	if got := render(&families[0], &table{labels: families[0].Labels}, text); got != nil {
		t.Errorf("a family without rows is %q", got)
	}
}

// FuzzRender holds a sample line to what expfmt writes for it.
func FuzzRender(f *testing.F) {
	f.Add("Acme", 1.0)
	f.Add("a \"quoted\"\\\nline", -1.0)
	f.Add("\xff\xfe"+strings.Repeat("é", 200), 1795348800.25)
	f.Add("", math.Copysign(0, -1))
	f.Add("x", math.Inf(1))
	f.Add("x", math.NaN())
	f.Add("x", 1e21)
	f.Fuzz(func(t *testing.T, value string, v float64) {
		family := &Family{Name: "downstatus_things_total", Help: "Things.", Type: Counter}
		tb := &table{labels: []string{"a", "b"}}
		tb.add(v, value, "x")
		cell := tb.cells[0]
		if !utf8.ValidString(cell) || len(cell) > maxValue {
			t.Fatalf("%q is no label value", cell)
		}
		mf := counterFamily(family, v, &dto.LabelPair{Name: ptr("a"), Value: &cell}, &dto.LabelPair{Name: ptr("b"), Value: ptr("x")})
		var want bytes.Buffer
		if _, err := expfmt.MetricFamilyToText(&want, mf); err != nil {
			t.Fatal(err)
		}
		if got := render(family, tb, text); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("text: got %q, want %q", got, want.Bytes())
		}
		want.Reset()
		if _, err := expfmt.MetricFamilyToOpenMetrics(&want, mf); err != nil {
			t.Fatal(err)
		}
		if got := render(family, tb, openMetrics); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("OpenMetrics: got %q, want %q", got, want.Bytes())
		}
	})
}

func counterFamily(f *Family, v float64, labels ...*dto.LabelPair) *dto.MetricFamily {
	return &dto.MetricFamily{
		Name: &f.Name, Help: &f.Help, Type: dto.MetricType_COUNTER.Enum(),
		Metric: []*dto.Metric{{Label: labels, Counter: &dto.Counter{Value: &v}}},
	}
}

func ptr[T any](v T) *T { return &v }
