package google

import (
	"regexp"
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
)

const global = "global"

// regions of Google Cloud, as its documentation listed them in 2025. The
// incident list does not tell them. One that is missing counts for itself.
var regions = strings.Fields(`
	africa-south1
	asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3
	asia-south1 asia-south2 asia-southeast1 asia-southeast2
	australia-southeast1 australia-southeast2
	europe-central2 europe-north1 europe-north2 europe-southwest1
	europe-west1 europe-west2 europe-west3 europe-west4 europe-west6
	europe-west8 europe-west9 europe-west10 europe-west12
	me-central1 me-central2 me-west1
	northamerica-northeast1 northamerica-northeast2 northamerica-south1
	southamerica-east1 southamerica-west1
	us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4`)

// multi are locations that stand for the regions of a continent.
var multi = map[string]string{"us": "us-", "eu": "europe-", "europe": "europe-", "asia": "asia-"}

// zone is the id of a zone: that of its region and a letter.
var zone = regexp.MustCompile(`^([a-z]+-[a-z]+\d+)-[a-z]$`)

// covered are the regions that a location stands for.
func covered(id string) []string {
	if m := zone.FindStringSubmatch(id); m != nil {
		return m[1:]
	}
	prefix, several := multi[id]
	if !several {
		return []string{id}
	}
	var out []string
	for _, r := range regions {
		if strings.HasPrefix(r, prefix) {
			out = append(out, r)
		}
	}
	return out
}

// locations are those affected now. For an incident that is over, and for one
// whose locations have all recovered, they are all it ever touched.
func (in *incident) locations(over bool) []cloud.Label {
	list := in.Now.All
	if over || len(list) == 0 {
		list = slices.Concat(list, in.Before.All)
	}
	var out []cloud.Label
	for _, n := range list {
		l := n.label()
		l.Also = covered(l.ID)
		if bare, _, cut := strings.Cut(l.Name, " ("); cut { // "Iowa (us-central1)"
			l.Also = append(l.Also, bare)
		}
		out = append(out, l)
	}
	return out
}

// broad is true for a global incident and for one in half of the regions.
func broad(locations []cloud.Label) bool {
	in := map[string]bool{}
	for _, l := range locations {
		for _, r := range covered(l.ID) {
			in[r] = true
		}
	}
	return in[global] || cloud.Half(len(in), len(regions))
}
