"""Who works where: communes, territories, organisations, professionals and their practice."""
