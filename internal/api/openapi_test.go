package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// document loads what is served, and forbids fields that it does not describe.
func document(t *testing.T) (*openapi3.T, routers.Router) {
	t.Helper()
	served := body(t, ask(t, handler(fixture()), "GET", "/api/v1/openapi.json"))
	doc, err := openapi3.NewLoader().LoadFromData([]byte(served))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range doc.Components.Schemas {
		closeObjects(s.Value)
	}
	doc.Servers = nil // relative to the document: the router wants none
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return doc, router
}

func closeObjects(s *openapi3.Schema) {
	if s.Type.Is("object") {
		none := false
		s.AdditionalProperties = openapi3.AdditionalProperties{Has: &none}
	}
	for _, p := range s.Properties {
		closeObjects(p.Value)
	}
}

// check holds one answer against the document. The route is that of GET: the
// document tells the answer to other methods there.
func check(t *testing.T, router routers.Router, target string, r *http.Response) (asked, answered error) {
	t.Helper()
	req := httptest.NewRequest("GET", "http://board.test"+target, nil)
	route, params, err := router.FindRoute(req)
	if err != nil {
		t.Fatal(err)
	}
	opts := &openapi3filter.Options{IncludeResponseStatus: true}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: opts}
	asked = openapi3filter.ValidateRequest(t.Context(), in)
	answered = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: r.StatusCode, Header: r.Header, Body: r.Body, Options: opts,
	})
	if route.Operation.Responses.Status(r.StatusCode) == nil {
		t.Errorf("%s: %d is not documented", target, r.StatusCode)
	}
	return asked, answered
}

func TestAnswersAreAsDocumented(t *testing.T) {
	_, router := document(t)
	for _, tc := range []struct {
		method, target, held string
		code                 int
	}{
		{"GET", "/api/v1/status/acme", "", 200},
		{"GET", "/api/v1/status/initech", "", 200},
		{"GET", "/api/v1/status/wonka", "", 200},
		{"GET", "/api/v1/status/nobody", "", 404},
		{"GET", "/api/v1/status/umbrella", "", 503},
		{"GET", "/api/v1/status/acme", "*", 304},
		{"PUT", "/api/v1/status/acme", "", 405},
		{"GET", "/api/v1/services", "", 200},
		{"GET", "/api/v1/services?status=unknown&limit=500&offset=0", "", 200},
		{"GET", "/api/v1/services?category=weather&status=&limit=", "", 200},
		{"GET", "/api/v1/services?limit=0", "", 400},
		{"GET", "/api/v1/services?limit=501", "", 400},
		{"GET", "/api/v1/services?limit=abc", "", 400},
		{"GET", "/api/v1/services?offset=-1", "", 400},
		{"GET", "/api/v1/services?offset=2147483648", "", 400},
		{"GET", "/api/v1/services?status=foo", "", 400},
		{"GET", "/api/v1/services", "*", 304},
		{"POST", "/api/v1/services", "", 405},
		{"GET", "/api/v1/outages", "", 200},
		{"GET", "/api/v1/outages?status=ongoing&slug=wonka&limit=100", "", 200},
		{"GET", "/api/v1/outages?slug=nobody", "", 200},
		{"GET", "/api/v1/outages?limit=101", "", 400},
		{"GET", "/api/v1/outages?status=down", "", 400},
		{"GET", "/api/v1/outages", "*", 304},
		{"PATCH", "/api/v1/outages", "", 405},
		{"GET", "/api/x/services/acme/availability", "", 200},
		{"GET", "/api/x/services/umbrella/availability", "", 200},
		{"GET", "/api/x/services/nobody/availability", "", 404},
		{"GET", "/api/x/services/acme/availability", "*", 304},
		{"POST", "/api/x/services/acme/availability", "", 405},
		{"GET", "/api/v1/openapi.json", "", 200},
		{"GET", "/api/v1/openapi.json", "*", 304},
		{"DELETE", "/api/v1/openapi.json", "", 405},
	} {
		t.Run(tc.method+" "+tc.target, func(t *testing.T) {
			r := ask(t, handler(fixture()), tc.method, tc.target, "If-None-Match", tc.held)
			if r.StatusCode != tc.code {
				t.Fatalf("answered %d, want %d", r.StatusCode, tc.code)
			}
			asked, answered := check(t, router, tc.target, r)
			if answered != nil {
				t.Error(answered)
			}
			if (asked != nil) != (tc.code == http.StatusBadRequest) {
				t.Errorf("answered %d, and the document says of the request: %v", tc.code, asked)
			}
		})
	}
}

// TestDocumentIsStrict makes sure that the check above can fail.
func TestDocumentIsStrict(t *testing.T) {
	_, router := document(t)
	for _, field := range []string{"logo_url", "updated_at", "surprise"} {
		r := ask(t, handler(fixture()), "GET", "/api/v1/status/acme")
		var answer map[string]any
		if err := json.Unmarshal(readAll(t, r.Body), &answer); err != nil {
			t.Fatal(err)
		}
		data := answer["data"].(map[string]any)
		if _, has := data[field]; has {
			delete(data, field)
		} else {
			data[field] = 1
		}
		w := httptest.NewRecorder()
		if _, err := w.Write(encode(answer)); err != nil {
			t.Fatal(err)
		}
		changed := w.Result()
		changed.Header = r.Header
		if _, err := check(t, router, "/api/v1/status/acme", changed); err == nil {
			t.Errorf("an answer with a changed %s passes", field)
		}
	}
}

// TestDefaultsAreAsDocumented compares the bounds that the document states
// with what the answers show.
func TestDefaultsAreAsDocumented(t *testing.T) {
	doc, _ := document(t)
	for _, path := range []string{"/api/v1/services", "/api/v1/outages"} {
		limit := doc.Paths.Value(path).Get.Parameters.GetByInAndName("query", "limit").Schema.Value
		a := parse(t, ask(t, handler(fixture()), "GET", path))
		if a.Meta.Filters["limit"] != limit.Default {
			t.Errorf("%s: limit %v, documented %v", path, a.Meta.Filters["limit"], limit.Default)
		}
	}
}
