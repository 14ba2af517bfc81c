package promql

import _ "github.com/prometheus/prometheus/promql/parser"
