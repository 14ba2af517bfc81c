package main

import (
	"time"
	"unsafe"

	"github.com/downstatus/downstatus_exporter/internal/detect"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// detector is what is measured: it takes what polls bring, in order, and says
// whether an outage is open.
type detector interface {
	observe(p poll) (open bool)
}

// contender is one row of the table.
type contender struct {
	name  string
	bytes uintptr // the state of one service
	make  func() detector
}

// contenders are the rows. The thresholds of the rivals are those that give
// about as many false alarms as ours on S = 1, as far as they can.
func contenders() []contender {
	return []contender{
		downstatus("downstatus", 9),
		downstatus("downstatus-h8", 8),
		downstatus("downstatus-h10", 10),
		{"ratio", unsafe.Sizeof(ratio{}), func() detector { return &ratio{factor: 10, least: 10} }},
		{"tod_mean", unsafe.Sizeof(todMean{}), func() detector { return &todMean{factor: 10, least: 5} }},
		{"ewma", unsafe.Sizeof(ewma{}), func() detector { return &ewma{k: 6} }},
		{"ears_c2", unsafe.Sizeof(earsC2{}), func() detector { return &earsC2{k: 12} }},
		{"nb_cusum", unsafe.Sizeof(nbCUSUM{}), func() detector { return &nbCUSUM{h: 20, model: detect.NewModel()} }},
	}
}

// ours is the detector of the program.
type ours struct{ *detect.Detector }

func downstatus(name string, h float64) contender {
	return contender{name, unsafe.Sizeof(detect.Detector{}), func() detector {
		return ours{detect.New(detect.Config{Threshold: h, MinReports: 6, MinRatio: 2.5})}
	}}
}

// epoch is the minute of the first poll.
var epoch = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

func (o ours) observe(p poll) bool {
	at := epoch.Add(time.Duration(p.updated) * time.Minute)
	return o.Observe(at, p.r1h, p.r24h, detect.Context{}).Severity != status.Operational
}
