package command

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
)

func services(t *testing.T) catalog.Catalog {
	t.Helper()
	c, err := catalog.Read(strings.NewReader(`slug,name,category,status_page_url,engine
acme,Acme & Sons,cloud,https://status.acme.test,statuspage
bank,The Bank,finance,,none
mail,Acme Mail,email,https://mail.acme.test,auto
`))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCatalogList(t *testing.T) {
	for _, tc := range []struct {
		query CatalogQuery
		want  []string
	}{
		{CatalogQuery{}, []string{"acme", "bank", "mail"}},
		{CatalogQuery{Pattern: "acme"}, []string{"acme", "mail"}}, // by slug and by name
		{CatalogQuery{Pattern: "?a*"}, []string{"bank", "mail"}},
		{CatalogQuery{Category: "finance"}, []string{"bank"}},
		{CatalogQuery{Engine: "auto"}, []string{"mail"}},
		{CatalogQuery{Pattern: "acme", Engine: "none"}, nil},
	} {
		tc.query.JSON = true
		var out bytes.Buffer
		if err := CatalogList(&out, services(t), tc.query); err != nil {
			t.Fatal(err)
		}
		var got []struct{ Slug, Name string }
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v", &out, err)
		}
		var slugs []string
		for _, e := range got {
			slugs = append(slugs, e.Slug)
		}
		if diff := cmp.Diff(tc.want, slugs); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tc.query, diff)
		}
	}
}

func TestCatalogTable(t *testing.T) {
	var out bytes.Buffer
	if err := CatalogList(&out, services(t), CatalogQuery{Pattern: "acme"}); err != nil {
		t.Fatal(err)
	}
	want := `SLUG  NAME         CATEGORY  ENGINE      STATUS PAGE
acme  Acme & Sons  cloud     statuspage  https://status.acme.test
mail  Acme Mail    email     auto        https://mail.acme.test
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHealthcheck(t *testing.T) {
	ready := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(ready) }))
	defer s.Close()
	if err := Healthcheck(t.Context(), s.URL); err != nil {
		t.Errorf("ready: %v", err)
	}
	ready = http.StatusServiceUnavailable
	if err := Healthcheck(t.Context(), s.URL); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("not ready: %v", err)
	}
}
