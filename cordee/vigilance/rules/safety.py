"""A helper who does not feel safe: said by coded words, of herself and of nobody else.

Règle de Cordée, à valider par chaque service : aucun texte connu n’en fixe la liste. Ce n’est pas
une donnée de santé de la personne visitée : rien ne la nomme, et sa coordination n’en lit rien.
"""

from cordee.people.rules.labels import Coded


class Fear(Coded):
    """Why somebody does not feel safe."""

    THREAT = "threat", "menace, violence ou harcèlement"
    ANIMAL = "animal", "animal dangereux"
    PLACE = "place", "lieu dangereux"
    ROAD = "road", "trajet"
    OTHER = "other", "autre raison"
