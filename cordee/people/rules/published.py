"""The notices that were published, word for word: none is ever rewritten, a new one is added."""

PUBLISHED: dict[str, tuple[str, ...]] = {
    "2026-11": (
        "Pour vous accompagner, les professionnels de votre équipe de soins partagent dans Cordée "
        "ce qui est nécessaire\u00a0: votre identité et vos coordonnées, l’organisation de votre "
        "accompagnement et vos soins. Les notes de santé mentale et sur votre situation sociale ne "
        "sont partagées qu’avec votre accord. Hors de cette équipe, rien n’est partagé sans votre "
        "consentement. Chaque consultation est tracée\u00a0: vous pouvez savoir qui a ouvert votre "
        "dossier. Vous pouvez à tout moment vous opposer à un partage, retirer un accord, refuser "
        "la coordination ou les SMS, et refuser l’accès d’urgence. Il suffit de le dire à l’un de "
        "vos professionnels ou de le choisir dans votre espace.",
    ),
    "2026-11-26": (
        "Pour vous accompagner, des professionnels partagent dans Cordée ce qui est "
        "nécessaire, et rien d’autre. Cette note dit quoi, avec qui, comment, et ce que vous "
        "pouvez refuser.",
        "Ce qui peut être partagé : identité et coordonnées, organisation de "
        "l’accompagnement, soins, santé mentale, situation sociale.",
        "Avec votre équipe de soins, sauf si vous vous y opposez, selon la mission de chacun "
        ": professionnels de santé (identité et coordonnées, organisation de "
        "l’accompagnement, soins) ; professionnels du social et du médico-social (identité et "
        "coordonnées, organisation de l’accompagnement) ; coordination de parcours (identité "
        "et coordonnées, organisation de l’accompagnement, soins) ; aide à domicile (identité "
        "et coordonnées, organisation de l’accompagnement). Les soins ne se partagent qu’une "
        "fois cette note remise.",
        "Avec le service « accueil et orientation » de votre territoire, avant même qu’il "
        "vous suive, le minimum pour vous retrouver : noms, prénoms, date de naissance, sexe, "
        "commune, téléphone, fiabilité de l’identité. Vous pouvez vous y opposer.",
        "Seulement avec votre accord : vos proches, quoi qu’ils lisent ; les notes de santé "
        "mentale et de situation sociale, quel que soit le lecteur, hors leur auteur ; et "
        "tout partage avec qui n’est pas de votre équipe de soins. Le représentant légal, ou "
        "le titulaire de l’autorité parentale d’un mineur, parle pour la personne et lit ce "
        "qui la concerne, sauf ces notes.",
        "Par quels moyens : dans Cordée ; messagerie sécurisée de santé ; papier ; logiciel "
        "d’un partenaire. Vous pouvez choisir pour chaque moyen.",
        "Ce qui vous protège : le compte de chaque professionnel demande un second facteur ; "
        "chacun ne lit que ce que sa mission et vos choix permettent ; chaque consultation "
        "est tracée, et une ligne retirée se verrait ; les échanges avec Cordée et ses "
        "sauvegardes sont chiffrés ; un SMS de recherche ne dit ni votre nom, ni vos soins, "
        "ni votre adresse. Vous pouvez lire qui a ouvert votre dossier.",
        "En urgence, si vous ne pouvez plus vous exprimer et qu’un danger est immédiat, un "
        "professionnel de santé peut lire votre dossier deux heures, sauf ces notes. Il en "
        "donne le motif, vous en êtes informé, cet accès est relu, et vous pouvez le refuser "
        "d’avance.",
        "À tout moment et par tout moyen, vous pouvez vous opposer à un partage, retirer un "
        "accord, refuser la coordination ou les SMS : dites-le à l’un de vos professionnels, "
        "ou choisissez-le dans votre espace. Vos soins et votre aide à domicile continuent. "
        "Si vous le permettez, ceux qui vous suivent savent que ce qu’ils lisent peut être "
        "partiel, jamais ce qui manque.",
    ),
    "2026-11-26-2": (
        "Pour vous accompagner, des professionnels partagent dans Cordée ce qui est "
        "nécessaire, et rien d’autre. Cette note dit quoi, avec qui, comment, et ce que "
        "vous pouvez refuser.",
        "Ce qui peut être partagé : identité et coordonnées, organisation de "
        "l’accompagnement, soins, santé mentale, situation sociale.",
        "Avec votre équipe de soins, sauf si vous vous y opposez, selon la mission de "
        "chacun : professionnels de santé (identité et coordonnées, organisation de "
        "l’accompagnement, soins) ; professionnels du social et du médico-social (identité "
        "et coordonnées, organisation de l’accompagnement) ; coordination de parcours "
        "(identité et coordonnées, organisation de l’accompagnement, soins) ; aide à "
        "domicile (identité et coordonnées, organisation de l’accompagnement). Les soins ne"
        " se partagent qu’une fois cette note remise, sauf ce que dit une demande de soins "
        ": le service qui la reçoit et le professionnel qui l’accepte la lisent, pour y "
        "répondre et pour rien d’autre.",
        "Avec le service « accueil et orientation » de votre territoire, avant même qu’il "
        "vous suive, le minimum pour vous retrouver : noms, prénoms, date de naissance, "
        "sexe, commune, téléphone, fiabilité de l’identité. Vous pouvez vous y opposer.",
        "Seulement avec votre accord : vos proches, quoi qu’ils lisent ; les notes de santé"
        " mentale et de situation sociale, quel que soit le lecteur, hors leur auteur ; et "
        "tout partage avec qui n’est pas de votre équipe de soins. Le représentant légal, "
        "ou le titulaire de l’autorité parentale d’un mineur, parle pour la personne et lit"
        " ce qui la concerne, sauf ces notes.",
        "Par quels moyens : dans Cordée ; messagerie sécurisée de santé ; papier ; logiciel"
        " d’un partenaire. Vous pouvez choisir pour chaque moyen.",
        "Ce qui vous protège : le compte de chaque professionnel demande un second facteur "
        "; chacun ne lit que ce que sa mission et vos choix permettent ; chaque "
        "consultation est tracée, et une ligne retirée se verrait ; les échanges avec "
        "Cordée et ses sauvegardes sont chiffrés ; un SMS de recherche ne dit ni votre nom,"
        " ni vos soins, ni votre adresse. Vous pouvez lire qui a ouvert votre dossier.",
        "En urgence, si vous ne pouvez plus vous exprimer et qu’un danger est immédiat, un "
        "professionnel de santé peut lire votre dossier deux heures, sauf ces notes. Il en "
        "donne le motif, vous en êtes informé, cet accès est relu, et vous pouvez le "
        "refuser d’avance.",
        "À tout moment et par tout moyen, vous pouvez vous opposer à un partage, retirer un"
        " accord, refuser la coordination ou les SMS : dites-le à l’un de vos "
        "professionnels, ou choisissez-le dans votre espace. Vos soins et votre aide à "
        "domicile continuent. Une demande en cours reste lue, jusqu’à sa fin, par le "
        "service qui l’a reçue : vous pouvez aussi lui demander de l’arrêter. Si vous le "
        "permettez, ceux qui vous suivent savent que ce qu’ils lisent peut être partiel, "
        "jamais ce qui manque.",
    ),
    "2026-11-26-3": (
        "Pour vous accompagner, des professionnels partagent dans Cordée ce qui est "
        "nécessaire, et rien d’autre. Cette note dit quoi, avec qui, comment, et ce que "
        "vous pouvez refuser.",
        "Ce qui peut être partagé : identité et coordonnées, organisation de "
        "l’accompagnement, soins, santé mentale, situation sociale.",
        "Avec votre équipe de soins, sauf si vous vous y opposez, selon la mission de "
        "chacun : professionnels de santé (identité et coordonnées, organisation de "
        "l’accompagnement, soins) ; professionnels du social et du médico-social "
        "(identité et coordonnées, organisation de l’accompagnement) ; coordination de "
        "parcours (identité et coordonnées, organisation de l’accompagnement, soins) ; "
        "aide à domicile (identité et coordonnées, organisation de l’accompagnement). Les"
        " soins ne se partagent qu’une fois cette note remise, sauf ce que dit une "
        "demande de soins : le service qui la reçoit et le professionnel qui l’accepte la"
        " lisent, pour y répondre et pour rien d’autre.",
        "Avec le service « accueil et orientation » de votre territoire, avant même qu’il"
        " vous suive, le minimum pour vous retrouver : noms, prénoms, date de naissance, "
        "sexe, commune, téléphone, fiabilité de l’identité. Vous pouvez vous y opposer.",
        "Seulement avec votre accord : vos proches, quoi qu’ils lisent ; les notes de "
        "santé mentale et de situation sociale, quel que soit le lecteur, hors leur "
        "auteur ; et tout partage avec qui n’est pas de votre équipe de soins. Le "
        "représentant légal, ou le titulaire de l’autorité parentale d’un mineur, parle "
        "pour la personne et lit ce qui la concerne, sauf ces notes.",
        "Par quels moyens : dans Cordée ; messagerie sécurisée de santé ; papier ; "
        "logiciel d’un partenaire. Vous pouvez choisir pour chaque moyen.",
        "Ce qui vous protège : le compte de chaque professionnel demande un second "
        "facteur ; chacun ne lit que ce que sa mission et vos choix permettent ; chaque "
        "consultation est tracée, et une ligne retirée se verrait ; les échanges avec "
        "Cordée et ses sauvegardes sont chiffrés ; un SMS de recherche ne dit ni votre "
        "nom, ni vos soins, ni votre adresse. Vous pouvez lire qui a ouvert votre "
        "dossier.",
        "En urgence, si vous ne pouvez plus vous exprimer et qu’un danger est immédiat, "
        "un professionnel de santé peut lire votre dossier deux heures, sauf ces notes. "
        "Il en donne le motif, vous en êtes informé, cet accès est relu, et vous pouvez "
        "le refuser d’avance.",
        "À tout moment et par tout moyen, vous pouvez vous opposer à un partage, retirer "
        "un accord, refuser la coordination ou les SMS : dites-le à l’un de vos "
        "professionnels, ou choisissez-le dans votre espace. Vos soins et votre aide à "
        "domicile continuent. Une demande en cours reste lue, jusqu’à sa fin, par le "
        "service qui l’a reçue, et sa recherche jusqu’au jour de la première visite : "
        "vous pouvez aussi lui demander de l’arrêter. Si vous le permettez, ceux qui vous"
        " suivent savent que ce qu’ils lisent peut être partiel, jamais ce qui manque.",
    ),
}
