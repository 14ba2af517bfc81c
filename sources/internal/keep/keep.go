// Package keep is what a source keeps from poll to poll, beyond documents: the
// page it made last, and the incidents whose end it has still to learn.
package keep

import (
	"reflect"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Page returns prev where next says the same: some documents carry a clock, and
// are other bytes at every poll.
func Page(prev, next *status.Page) *status.Page {
	if prev != nil && reflect.DeepEqual(prev, next) {
		return prev
	}
	return next
}
