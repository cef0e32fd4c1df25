"""Who may hold which part in a circle of care.

Sources :
- le médecin traitant est un médecin, que la personne a choisi (code de la sécurité sociale,
  L.162-5-3) ;
- l’infirmière habituelle est celle que la personne a choisie (libre choix, CSP L.1110-8) ;
- la coordination de référence est celle d’un professionnel ou d’une structure : un proche aide, il
  ne répond pas du parcours (règle de Cordée).
"""

GP, RELATIVE, OTHER = "gp", "relative", "other"
DOCTOR, NURSE = "10", "60"  # codes of the national directory


def faults(
    role: str,
    *,
    profession: str = "",
    is_relative: bool = False,
    is_usual_nurse: bool = False,
    is_reference: bool = False,
) -> dict[str, str]:
    """Say what cannot be of somebody who joins: field → sentence.

    `profession` is empty for whoever is not a professional of the directory.
    """
    found = {}
    if role == GP and profession != DOCTOR:
        found["role"] = "Le médecin traitant est un médecin : choisissez-le, ou un autre rôle."
    if is_relative and role not in (RELATIVE, OTHER):
        found["role"] = "Un proche n’a pas un rôle de professionnel : choisissez « proche »."
    if role == RELATIVE and not is_relative:
        found["role"] = "Le rôle « proche » est celui d’un proche noté : choisissez un autre rôle."
    if is_usual_nurse and profession != NURSE:
        found["is_usual_nurse"] = "L’infirmière habituelle est une infirmière ou un infirmier."
    if is_reference and is_relative:
        found["is_reference"] = (
            "Un proche n’est pas la coordination de référence : choisissez un professionnel ou "
            "une structure."
        )
    return found
