from pathlib import Path

from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("pathways", "0017_ruptures_on_the_worklist"),
    ]

    operations = [
        migrations.AlterField(
            model_name="task",
            name="kind",
            field=models.CharField(
                choices=[
                    ("qualify", "Qualifier la demande"),
                    ("release_hold", "Lever la retenue après le transfert au 15"),
                    ("await_answer", "Suivre les réponses"),
                    ("confirm_identity", "Appeler pour confirmer l’identité"),
                    ("decide_later_offer", "Répondre à une offre plus tardive"),
                    ("call_back", "Rappeler le demandeur"),
                    ("choose_alternative", "Choisir une suite et prévenir le demandeur"),
                    ("tell_withdrawal", "Prévenir le demandeur : la recherche reprend"),
                    ("get_confirmation", "Faire confirmer la première visite"),
                    ("warn_who_comes", "Prévenir qui vient : la demande a changé"),
                    ("tell_winner", "Appeler qui vient : rien n’a pu lui être écrit"),
                    ("close_request", "Clore la demande"),
                    ("meet_service", "Appeler le service qui reçoit la même demande"),
                    ("review_stopped", "Voir ce qui s’arrête pour la personne"),
                    ("review_emergency", "Examiner un accès en urgence"),
                    ("tell_emergency", "Dire à la personne l’accès en urgence"),
                    ("compare_records", "Comparer des fiches qui se ressemblent"),
                    ("review_merge", "Relire une réunion automatique de deux fiches"),
                    ("verify_measure", "Vérifier une mesure de protection dite au téléphone"),
                    ("follow_action", "Suivre une action du plan"),
                    ("answer_action", "Répondre à une question sur le plan"),
                    ("review_plan", "Réviser le plan avec la personne"),
                    ("reassess", "Refaire une évaluation"),
                    ("prevent_rupture", "Agir avant que le parcours ne se rompe"),
                    ("repair_rupture", "Réparer une rupture du parcours"),
                    ("follow_decision", "Suivre une décision de réunion"),
                    ("hold_meeting", "Tenir la réunion, puis écrire son compte rendu"),
                    ("read_note", "Relire une note"),
                    ("read_text", "Lire une réponse non comprise"),
                    ("delivery_failed", "Joindre autrement : un message n’est pas parti"),
                    ("place_gone", "Vérifier qui vient : plus à l’annuaire"),
                    ("carrier_down", "Téléphoner : les SMS sont retardés"),
                ],
                max_length=24,
                verbose_name="nature",
            ),
        ),
        run(SQL / "sight.sql"),
        run(SQL / "shown.sql"),
    ]
