"""The rules of what is asked, planned, sent and traced (FHIR R4, each resource's own page)."""

from cordee.fhir.shape.invariants.rule import Holds, Rule, Values, choice, distinct, has, in_order

_WITHOUT_TIMES = {"proposed", "cancelled", "waitlist"}
_ASKING = {"batch", "transaction", "history"}
_ANSWERING = {"batch-response", "transaction-response", "history"}

_has_value = choice("Parameters.parameter", "value")


def _times(value: Values) -> bool:
    return (has(value, "start") and has(value, "end")) or value.get("status") in _WITHOUT_TIMES


def _one_content(value: Values) -> bool:
    given = (_has_value(value), "resource" in value, "part" in value)
    return sum(given) == 1


def _each_entry_has(name: str, kinds: set[str]) -> Holds:
    def holds(value: Values) -> bool:
        is_wanted = value.get("type") in kinds
        return all((name in entry) is is_wanted for entry in value.get("entry", ()))

    return holds


def _urls_are_unique(value: Values) -> bool:
    if value.get("type") == "history":
        return True
    return distinct(
        (entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId"))
        for entry in value.get("entry", ())
        if "fullUrl" in entry
    )


def _begins_with(kind: str, name: str) -> Holds:
    def holds(value: Values) -> bool:
        entries = value.get("entry") or [{}]
        first = entries[0].get("resource", {}).get("resourceType")
        return value.get("type") != kind or first == name

    return holds


def _is_signed(value: Values) -> bool:
    said = value.get("identifier", {})
    return value.get("type") != "document" or (has(said, "system") and has(said, "value"))


RULES = (
    Rule("app-1", "Appointment.participant", "Un participant a un rôle (type) ou un nom (actor).",
         lambda v: "type" in v or "actor" in v),
    Rule("app-2", "Appointment", "Un rendez-vous a un début et une fin, ou ni l’un ni l’autre.",
         lambda v: has(v, "start") == has(v, "end")),
    Rule("app-3", "Appointment", "Seul un rendez-vous proposé, en attente ou annulé peut se passer "
         "d’horaire.", _times),
    Rule("app-4", "Appointment", "Seul un rendez-vous annulé ou manqué a un motif d’annulation.",
         lambda v: "cancelationReason" not in v or v.get("status") in ("noshow", "cancelled")),
    Rule("apr-1", "AppointmentResponse", "Une réponse nomme un rôle ou un participant.",
         lambda v: "participantType" in v or "actor" in v),
    Rule("prr-1", "ServiceRequest", "orderDetail demande code.",
         lambda v: "orderDetail" not in v or "code" in v),
    Rule("inv-1@Task", "Task", "La dernière modification ne précède pas la création.",
         lambda v: in_order(v.get("authoredOn"), v.get("lastModified"))),
    Rule("inv-1", "Parameters.parameter", "Un paramètre porte une valeur, une ressource ou des "
         "parties : une seule de ces formes.", _one_content),
    Rule("sev-1", "AuditEvent.entity", "Une entité a un nom ou une requête : l’un, pas les deux.",
         lambda v: not (has(v, "name") and has(v, "query"))),
    Rule("bdl-1", "Bundle", "Le total ne se donne que pour une recherche ou un historique.",
         lambda v: not has(v, "total") or v.get("type") in ("searchset", "history")),
    Rule("bdl-2", "Bundle", "entry.search ne se donne que pour une recherche.",
         lambda v: v.get("type") == "searchset"
         or all("search" not in one for one in v.get("entry", ()))),
    Rule("bdl-3", "Bundle", "Chaque entrée d’un lot ou d’une transaction porte une demande "
         "(request), et elles seules.", _each_entry_has("request", _ASKING)),
    Rule("bdl-4", "Bundle", "Chaque entrée d’une réponse porte un résultat (response), et elles "
         "seules.", _each_entry_has("response", _ANSWERING)),
    Rule("bdl-5", "Bundle.entry", "Une entrée porte une ressource, une demande ou un résultat.",
         lambda v: not {"resource", "request", "response"}.isdisjoint(v)),
    Rule("bdl-7", "Bundle", "Une adresse (fullUrl) ne sert qu’une fois par version.",
         _urls_are_unique),
    Rule("bdl-8", "Bundle.entry", "fullUrl ne nomme pas une version.",
         lambda v: "/_history/" not in v.get("fullUrl", "")),
    Rule("bdl-9", "Bundle", "Un document a un identifiant, avec son système et sa valeur.",
         _is_signed),
    Rule("bdl-10", "Bundle", "Un document est daté.",
         lambda v: v.get("type") != "document" or "timestamp" in v),
    Rule("bdl-11", "Bundle", "Un document commence par une Composition.",
         _begins_with("document", "Composition")),
    Rule("bdl-12", "Bundle", "Un message commence par un MessageHeader.",
         _begins_with("message", "MessageHeader")),
)  # fmt: skip
