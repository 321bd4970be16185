{{- define "chainwatch.labels" -}}
app.kubernetes.io/name: chainwatch
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "chainwatch.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "chainwatch.environment" -}}
- {name: CHAINWATCH_HOME, value: /var/lib/chainwatch}
- {name: CHAINWATCH_LOG_FORMAT, value: json}
- {name: CHAINWATCH_METRICS_HOST, value: "0.0.0.0"}
- {name: CHAINWATCH_METRICS_PORT, value: "9464"}
- {name: CHAINWATCH_SECRET_KEY_FILE, value: /run/secrets/chainwatch/secret_key}
{{- if .Values.scale.enabled }}
- {name: CHAINWATCH_STREAM, value: {{ .Values.scale.stream | quote }}}
- {name: CHAINWATCH_STORE_FILE, value: /run/secrets/chainwatch/store_url}
{{- end }}
{{- range $name, $value := .Values.settings }}
- {name: CHAINWATCH_{{ $name | upper }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{/* A worker's pod: dict "root" $ "command" list "home" (claim | template | none) */}}
{{- define "chainwatch.pod" -}}
automountServiceAccountToken: false
terminationGracePeriodSeconds: 40
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
initContainers:
  - name: prepare
    image: {{ include "chainwatch.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: [init, --no-input]
    env: {{- include "chainwatch.environment" .root | nindent 6 }}
    securityContext: &locked
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    volumeMounts: &mounts
      - {name: home, mountPath: /var/lib/chainwatch}
      - {name: tmp, mountPath: /tmp}
      - {name: secrets, mountPath: /run/secrets/chainwatch, readOnly: true}
      {{- if .root.Values.scale.enabled }}
      - {name: archive, mountPath: /var/lib/chainwatch/archive}
      {{- end }}
      {{- if .root.Values.rules }}
      - {name: rules, mountPath: /var/lib/chainwatch/rules, readOnly: true}
      {{- end }}
      {{- if .root.Values.sources }}
      - {name: sources, mountPath: /var/lib/chainwatch/sources.yaml, subPath: sources.yaml, readOnly: true}
      {{- end }}
containers:
  - name: chainwatch
    image: {{ include "chainwatch.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: {{ .command | toJson }}
    env: {{- include "chainwatch.environment" .root | nindent 6 }}
    ports: [{name: metrics, containerPort: 9464}]
    livenessProbe:
      httpGet: {path: /healthz, port: metrics}
      initialDelaySeconds: 20
      periodSeconds: 20
      timeoutSeconds: 5
      failureThreshold: 3
    readinessProbe:
      httpGet: {path: /readyz, port: metrics}
      periodSeconds: 10
      timeoutSeconds: 5
    resources: {{- toYaml .root.Values.resources | nindent 6 }}
    securityContext: *locked
    volumeMounts: *mounts
volumes:
  {{- if eq .home "claim" }}
  - name: home
    persistentVolumeClaim: {claimName: {{ .root.Release.Name }}-home}
  {{- else if eq .home "none" }}
  - name: home
    emptyDir: {sizeLimit: 1Gi}
  {{- end }}
  {{- if .root.Values.scale.enabled }}
  - name: archive
    persistentVolumeClaim: {claimName: {{ .root.Release.Name }}-archive}
  {{- end }}
  {{- if .root.Values.rules }}
  - name: rules
    configMap: {name: {{ .root.Release.Name }}-rules}
  {{- end }}
  {{- if .root.Values.sources }}
  - name: sources
    configMap: {name: {{ .root.Release.Name }}-sources}
  {{- end }}
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
  - name: secrets
    secret: {secretName: {{ .root.Values.existingSecret }}, defaultMode: 0400}
{{- end }}
