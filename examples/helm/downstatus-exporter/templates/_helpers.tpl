{{- define "downstatus.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "downstatus.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "downstatus.labels" -}}
{{ include "downstatus.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The path of the address at which people reach it is the prefix of all paths. */}}
{{- define "downstatus.prefix" -}}
{{ (urlParse .Values.externalUrl).path | trimSuffix "/" }}
{{- end }}

{{- define "downstatus.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if .Values.postgresql.existingSecret -}}
{{- $dsn := dict "dsn_file" "/etc/downstatus_exporter/postgresql/dsn" -}}
{{- $_ := set $config "history" (merge $dsn (default dict $config.history)) -}}
{{- end -}}
{{ toYaml $config }}
{{- end }}

{{- define "downstatus.pod" -}}
metadata:
  labels:
    {{- include "downstatus.selector" . | nindent 4 }}
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    kubectl.kubernetes.io/default-container: exporter
    # Another configuration is another pod. Nothing that was seen is lost by it.
    checksum/config: {{ include "downstatus.config" . | sha256sum }}
    {{- with .Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: exporter
      image: {{ printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - --config.file=/etc/downstatus_exporter/config/config.yml
        - --storage.path=/data
        {{- with .Values.externalUrl }}
        - --web.external-url={{ . }}
        {{- end }}
        {{- range .Values.extraArgs }}
        - {{ . | quote }}
        {{- end }}
      ports:
        - {name: http, containerPort: 10980}
      readinessProbe:
        exec:
          command: [/downstatus_exporter, healthcheck, "--url=http://127.0.0.1:10980{{ include "downstatus.prefix" . }}/-/ready"]
        periodSeconds: 10
        timeoutSeconds: 6
      livenessProbe:
        exec:
          command: [/downstatus_exporter, healthcheck, "--url=http://127.0.0.1:10980{{ include "downstatus.prefix" . }}/-/healthy"]
        initialDelaySeconds: 10
        periodSeconds: 30
        timeoutSeconds: 6
      resources: {{ toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      volumeMounts:
        - {name: config, mountPath: /etc/downstatus_exporter/config, readOnly: true}
        - {name: data, mountPath: /data}
        {{- if .Values.existingSecret }}
        - {name: secrets, mountPath: /etc/downstatus_exporter/secrets, readOnly: true}
        {{- end }}
        {{- if .Values.postgresql.existingSecret }}
        - {name: postgresql, mountPath: /etc/downstatus_exporter/postgresql, readOnly: true}
        {{- end }}
  volumes:
    - name: config
      configMap: {name: {{ include "downstatus.name" . }}}
    {{- with .Values.existingSecret }}
    - name: secrets
      secret: {secretName: {{ . }}}
    {{- end }}
    {{- with .Values.postgresql }}{{ if .existingSecret }}
    - name: postgresql
      secret:
        secretName: {{ .existingSecret }}
        items: [{key: {{ .key }}, path: dsn}]
    # The store is in the database; this is for temporary files.
    - name: data
      emptyDir: {sizeLimit: 64Mi}
    {{- end }}{{ end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- if gt (int .Values.replicas) 1 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{ include "downstatus.selector" . | nindent 10 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
