// Package catalog holds the built-in services: where their official status
// pages are and which engine reads them. Every row is a claim that can age; a
// wrong one makes a source fail, never a service look healthy.
package catalog

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed services.csv
var table string

// Categories lists the known categories of services, in the order of their
// words.
var Categories = [...]string{
	"cloud", "email", "finance", "gaming", "internet", "other", "social", "streaming", "telecom",
}

// Entry is one well-known service.
type Entry struct {
	Slug          string
	Name          string // as the vendor writes it
	Category      string // one of Categories
	StatusPageURL string // the page as a person opens it
	Engine        string // engine that reads the page
	EngineRef     string // page id that the engine needs besides the address, or empty
	Homepage      string // or empty
}

var entries = sync.OnceValue(func() []Entry { return parse(table) })

// All lists the built-in services by slug.
func All() []Entry { return slices.Clone(entries()) }

// Lookup finds a built-in service.
func Lookup(slug string) (Entry, bool) {
	all := entries()
	i, found := slices.BinarySearchFunc(all, slug, func(e Entry, slug string) int {
		return strings.Compare(e.Slug, slug)
	})
	if !found {
		return Entry{}, false
	}
	return all[i], true
}

// parse reads the table. It panics on a malformed one: the table is a part of
// the program.
func parse(table string) []Entry {
	r := csv.NewReader(strings.NewReader(table))
	r.FieldsPerRecord = 7
	rows, err := r.ReadAll()
	if err != nil {
		panic(fmt.Sprintf("catalog: %v", err))
	}
	out := make([]Entry, 0, len(rows)-1)
	for _, row := range rows[1:] {
		out = append(out, Entry{
			Slug: row[0], Name: row[1], Category: row[2], StatusPageURL: row[3],
			Engine: row[4], EngineRef: row[5], Homepage: row[6],
		})
	}
	return out
}
